"""Writes about wording rules, and the check every sending command makes."""

from yinuo.wording.commands.checking import check_wording, let_pass, refuse
from yinuo.wording.commands.editing import add_rule, change_rule, import_rules, lay_down, switch_rule

__all__ = ["add_rule", "change_rule", "check_wording", "import_rules", "lay_down", "let_pass", "refuse", "switch_rule"]
