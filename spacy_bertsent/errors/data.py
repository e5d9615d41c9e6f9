class DataErrors:
    """What converters, checks of corpora and the roll-up say."""

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
    BS078 = "There are no aspects to count in {path}: {fault}.\n        {advice}"
    BS079 = (
        "Cannot tell from the name '{path}' what to write. Expected .csv, .json or .html.\n"
        "        Type: --output aspects.html"
    )
    BS110 = (
        "Expected a pipeline and texts, or annotated texts alone, but got {found}.\n"
        "        Type: python -m spacy bertsent aspects MODEL TEXTS.txt, or: "
        "python -m spacy bertsent aspects CORPUS.spacy"
    )
    BS111 = (
        "{path}, line {line} is not in UTF-8: {fault}.\n"
        "        Convert the file: iconv --from-code=ISO-8859-1 --to-code=UTF-8 OLD > NEW"
    )
    BS112 = (
        "{path}, {place}: no text or number under {field!r}, which should be its id. Its keys: {keys}.\n"
        "        Type another key, or leave it out to number the texts: --id-field id"
    )
    BS113 = "{path}, {place}: the pipeline cannot read this text: {fault}\n        Mend or remove it."
