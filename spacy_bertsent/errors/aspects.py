class AspectErrors:
    """What is said about aspects, categories and pairs."""

    BS053 = (
        'The pair listener has neighbours = {neighbours} with context = "{context}". Expected 0, or the number of '
        "sentences on either side.\n"
        '        Type: context = "sentence" and neighbours = 1 in the [components.*.model.tok2vec] block.'
    )
    BS056 = (
        "'{pipe}' has no categories.\n"
        '        Name them in the config: [components.{pipe}.categories] with lines such as FOOD = "food", or give '
        "gold aspects that have one (kb_id_)."
    )
    BS057 = (
        "'{pipe}' finds no category in the gold data: none of the aspects of {count} documents has one (kb_id_).\n"
        "        Convert the data with its categories: python -m spacy bertsent convert NAME INPUT CORPUS.spacy "
        "--aspects categories. For aspects without a category there is bertsent_aspect_sentiment."
    )
    BS058 = (
        "None of the categories of '{pipe}' stands in the gold data. It asks for: {asked}; gold has: {found}.\n"
        "        Mend [components.{pipe}.categories], or leave it empty to take those of the gold data."
    )
    BS059 = (
        "'{pipe}' got {name} = {value}. Expected a number from 0 to 1.\n"
        "        Type: {name} = 0.5 in [components.{pipe}] of the config."
    )
    BS096 = (
        "{head} reads the pieces around aspects, which '{found}' does not give.\n"
        '        Type: @architectures = "spacy-bertsent.PairListener.v1" (or "spacy-bertsent.SpanListener.v1") in the '
        "[components.*.model.tok2vec] block."
    )
    BS097 = (
        "The width of the encoder, {width}, is no multiple of {n_heads} attention heads.\n"
        "        Type a divisor of it, or 0 for no attention: n_heads = 12 in the [components.*.model] block."
    )
