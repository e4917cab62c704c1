from .answers import undecided


def bounded_over_box(request, spec, stops, numbers, why):  # type: ignore
    return undecided(spec, why)
