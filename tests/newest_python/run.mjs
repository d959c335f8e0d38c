// node run.mjs PYODIDE FILE: run a Python file in CPython for WebAssembly, with this machine's files below /host.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, file] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));
const python = await loadPyodide();
python.FS.mkdirTree("/host");
python.FS.mount(python.FS.filesystems.NODEFS, { root: "/" }, "/host");
python.globals.set("ORDERS", readFileSync(0, "utf8"));
process.exit(python.runPython(readFileSync(file, "utf8")));
