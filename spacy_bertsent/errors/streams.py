class StreamErrors:
    """What `spacy_bertsent.pipe` says."""

    BS063 = "The stream gave {found} where a text is expected.\n        {advice}"
    BS064 = (
        "The text has {length} characters, more than {most}.\n"
        "        Allow more (and nlp.max_length with it): Limits(max_characters=...), or read the start of such texts: "
        'Limits(too_long="truncate")'
    )
    BS065 = (
        "The process that worked on this document died, and died again when it had this one alone ({reason}).\n"
        "        Look at the text and at the memory: spacy_bertsent.pipe(nlp, [text]) runs it in your own process."
    )
    BS066 = (
        "{count} worker processes died or hung, the last one: {reason}. No more are started.\n"
        "        Mostly memory: fewer processes (n_process=1) or a smaller batch_size. In a script, stand behind "
        "'if __name__ == \"__main__\":'. To go on for longer: Limits(max_restarts=...)"
    )
    BS067 = (
        "The document took more than {timeout} seconds.\n"
        "        Leave it out, or wait longer: Limits(timeout=...), None for no limit."
    )
    BS068 = (
        "'{pipe}' gave back {found} where the Doc is expected.\n"
        "        Return the Doc from the component. If it has an error handler, the reason went there."
    )
    BS069 = "{name} = {value!r} makes no sense. Expected {expected}.\n        Type: {name} = a value of that kind."
