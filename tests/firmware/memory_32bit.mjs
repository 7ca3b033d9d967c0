// The firmware's memory with 32-bit words, as a board has them: MicroPython's WebAssembly port.
//
//     node memory_32bit.mjs MICROPYTHON.mjs FOLDER        (memory_32bit.py makes the folder)
//
// Prints the bytes of the heap in use after an hour at full rate, and the polls. This port collects
// garbage only between calls from here, and its heap may grow: so the hour is many short calls, and
// what counts is what is in use after a collection.

import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [interpreter, folder] = process.argv.slice(2);
const { loadMicroPython } = await import(pathToFileURL(path.resolve(interpreter)));
const board = await loadMicroPython({ heapsize: 240 * 1024, stdout: (line) => console.log(line) });

for (const name of fs.readdirSync(folder, { recursive: true })) {
  const source = path.join(folder, name);
  const target = `/lib/${name}`;
  if (fs.statSync(source).isFile()) {
    board.FS.mkdirTree(path.dirname(target));
    board.FS.writeFile(target, fs.readFileSync(source));
  }
}

board.runPython(`
import gc, sys
sys.path[:] = ["/lib"]
import memory_check
`);
for (let second = 0; second < 3600; second += 1) {
  board.runPython("memory_check.hour.go(1000)");
  board.runPython("gc.collect()");
}
board.runPython("print(gc.mem_alloc(), memory_check.hour.polls)");
