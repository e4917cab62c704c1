from .answers import undecided


def smooth_over_box(request, spec, stops, numbers, why):  # type: ignore
    return undecided(spec, why)
