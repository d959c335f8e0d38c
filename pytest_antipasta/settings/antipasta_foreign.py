"""The metric types of antipasta 1.2.0 that are not measured here."""

from __future__ import annotations

FOREIGN_METRICS = (
    "message_chain_depth", "function_arity", "boolean_flag_parameters", "exception_discipline",
    "global_state_reach", "marker_density", "comment_density", "function_statements",
    "expression_flatness", "pipeline_linearity", "lack_of_cohesion", "weighted_methods_per_class",
    "coupling_between_objects", "depth_of_inheritance_tree", "number_of_children",
    "single_responsibility_index", "directory_children", "efferent_coupling", "afferent_coupling",
    "instability", "dependency_cycles", "stable_dependencies_violations", "abstractness",
    "distance_from_main_sequence", "dependency_inversion", "narrative_mixed_functions",
    "narrator_budget_exceeded", "computer_budget_exceeded", "step_down_ordering",
    "layering_violations", "name_clarity", "naming_antipatterns", "duplication_ratio",
    "clone_occurrences", "assertions_per_test", "mock_call_assertions", "big_literal_assertions",
    "code_churn", "change_coupling", "hotspot", "test_churn_ratio", "co_churn_multiplicity",
    "suite_redundancy_index", "blast_radius",
)  # fmt: skip
