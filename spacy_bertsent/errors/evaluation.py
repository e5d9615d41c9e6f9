class EvaluationErrors:
    """What evaluation, baselines and benchmarks say."""

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
