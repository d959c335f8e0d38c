"""Grafana's own schema, from npm as types of TypeScript: what the compiler says of the example's dashboard.

They are no part of what the tests need; the command that installs them is in the reason of a skip.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.recipes.prometheus import EXAMPLE
from tests.report.formats.test_npm_validators import node_modules as node_modules

pytestmark = pytest.mark.programs

# In JSON an enumeration is the text of its value. What a panel leaves out has its default. Of annotations the
# schema has what those of Grafana's own database need, and no queries.
TYPES = """\
import type * as schema from "@grafana/schema";
import type { Dashboard, Panel, RowPanel } from "RAW/dashboard/x/dashboard_types.gen";
import type * as stat from "RAW/composable/stat/panelcfg/x/StatPanelCfg_types.gen";
import type * as lines from "RAW/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";

type Json<T> = T extends string ? `${T}` : T extends (infer One)[] ? Json<One>[]
  : T extends object ? { [K in keyof T]: Json<T[K]> } : T;
type Some<T> = { [K in keyof T]?: T[K] extends object | undefined ? Some<T[K]> : T[K] };
type Config<Custom> = Omit<schema.FieldConfigSource, "defaults">
  & { defaults: Omit<schema.FieldConfig, "custom"> & { custom?: Some<Custom> } };
type Of<Type, Options, Custom> = Omit<Panel, "type" | "options" | "fieldConfig" | "targets">
  & { type: Type; options: Some<Options>; fieldConfig: Config<Custom>;
      targets: { refId: string; datasource: schema.DataSourceRef; expr: string; legendFormat: string }[] };
type Shown = Of<"stat", stat.Options, {}> | Of<"timeseries", lines.Options, lines.FieldConfig> | RowPanel;
type Annotations = { list: (Omit<schema.AnnotationQuery, "target"> & Record<string, unknown>)[] };
type Variable = schema.VariableModel & { definition?: string };
type Ours = Omit<Dashboard, "panels" | "annotations" | "templating">
  & { panels: Shown[]; annotations: Annotations; templating: { list: Variable[] } };
""".replace("RAW", "@grafana/schema/dist/esm/raw")


def test_it_accepts_the_dashboard_and_would_find_what_grafana_does_not_know(node_modules: Path) -> None:
    dashboard = json.loads((EXAMPLE / "grafana-dashboard.json").read_bytes())
    lines = [f"{TYPES}export const ours: Json<Ours> = {json.dumps(dashboard)};", "// @ts-expect-error"]
    (first, *_) = (panel for panel in dashboard["panels"] if panel["type"] == "timeseries")
    first["options"]["legend"]["displayMode"] = "lists"
    lines.append(f"export const wrong: Json<Ours> = {json.dumps(dashboard)};")
    source = node_modules / "dashboard.ts"
    source.write_text("\n".join(lines))
    options = ("--noEmit", "--strict", "--skipLibCheck", "--target", "es2020", "--moduleResolution", "node10")
    command = ["node", str(node_modules / "typescript/bin/tsc"), *options, str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == ""
