"""A standard that holds for some branches comes to hold for others as well, without a figure of it being touched."""

from collections.abc import Collection, Mapping

Conditions = Mapping[str, tuple[str, ...]]


def widened(held: Conditions, wanted: Mapping[str, Collection[str]]) -> dict[str, tuple[str, ...]] | None:
    """The conditions that take in what is `wanted` as well: `held` itself when they do already. `wanted` has values by
    condition, none meaning any; conditions it does not name stay. None where the two differ in more than one way: one
    standard for both would also hold for cases that neither is for.
    """
    lacking = [key for key, values in wanted.items() if key in held and not (values and set(values) <= set(held[key]))]
    if not lacking:
        return dict(held)
    alike = all(set(held.get(key, ())) == set(values) for key, values in wanted.items() if key not in lacking)
    if len(lacking) > 1 or not alike:
        return None
    key = lacking[0]
    values = (*held[key], *(v for v in wanted[key] if v not in held[key])) if wanted[key] else ()
    return {k: values if k == key else v for k, v in held.items() if k != key or values}
