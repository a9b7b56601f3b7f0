"""Who may make a key that acts for whom; see docs/decisions/api-keys.md. Pure."""

from collections.abc import Iterable

from yinuo.kernel.actor import Actor, Scope


def may_act_for(maker: Actor, *, holder_id: int, holder_grants: frozenset[str], integration: bool) -> bool:
    """Whether a key for the holder lends its maker nothing that the maker could not do or see already."""
    if maker.staff_id == holder_id:
        return True
    if integration:
        return maker.may("staff.manage")  # nobody's name is borrowed; its roles are this maker's to give
    # somebody else's own rows may lie in any unit: only the reach "all" surely holds them
    everything = maker.matter_scope is Scope.ALL and maker.customer_scope is Scope.ALL
    return everything and all(maker.may(grant) for grant in holder_grants)


def key_grants(maker: Actor, wanted: Iterable[str], *, holder_grants: frozenset[str], integration: bool) -> list[str]:
    """What was chosen, as far as the holder has it and the maker may give it."""
    return sorted(g for g in set(wanted) & holder_grants if integration or maker.may(g))
