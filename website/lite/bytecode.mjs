// node bytecode.mjs FOLDER WHEEL...: Pyodide, in FOLDER, compiles the modules of wheels that lie beside it.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, ...wheels] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));
const python = await loadPyodide({ indexURL: `${folder}/` });
python.FS.mkdir("/wheels");
python.FS.mount(python.FS.filesystems.NODEFS, { root: folder }, "/wheels");
const source = readFileSync(new URL("bytecode.py", import.meta.url), "utf8");
python.globals.set("names", python.toPy(wheels));
python.runPython(`${source}\nfor name in names:\n    compile_wheel(Path("/wheels") / name)`);
