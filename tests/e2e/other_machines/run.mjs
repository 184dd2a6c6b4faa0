// Runs a library for WebAssembly with canaries round every buffer:
//
//     node run.mjs MODULE.wasm FUNCTION WORKSPACE_BYTES INPUT_FILE... -- OUTPUT_FILE OUTPUT_BYTES ...
import { readFileSync, writeFileSync } from "node:fs";

const [path, name, workspaceBytes, ...words] = process.argv.slice(2);
const inputs = words.slice(0, words.indexOf("--")).map((file) => readFileSync(file));
const outputs = [];
for (let i = inputs.length + 1; i < words.length; i += 2) outputs.push({ file: words[i], bytes: Number(words[i + 1]) });

// The C library's, in the precision that C's have.
const bytes = () => new Uint8Array(memory.buffer);
const memoryFunctions = {
  memset: (to, byte, count) => (bytes().fill(byte, to, to + count), to),
  memcpy: (to, from, count) => (bytes().copyWithin(to, from, from + count), to),
  memmove: (to, from, count) => (bytes().copyWithin(to, from, from + count), to),
};
const mathematics = { fmodf: (x, y) => Math.fround(x % y), fabsf: Math.abs };
const env = new Proxy(memoryFunctions, {
  get: (known, wanted) =>
    known[wanted] ?? mathematics[wanted] ?? ((...xs) => Math.fround(Math[wanted.replace(/f$/, "")](...xs))),
});
const module = await WebAssembly.compile(readFileSync(path));
const imports = Object.fromEntries(WebAssembly.Module.imports(module).map((each) => [each.name, env[each.name]]));
const { exports } = await WebAssembly.instantiate(module, { env: imports });
const { memory } = exports;

const guard = 64;
const canary = 0xa5;
const sizes = [Number(workspaceBytes), 4 * (inputs.length + outputs.length), ...inputs.map((input) => input.length),
  ...outputs.map((output) => output.bytes)];
let end = Math.ceil(exports.__heap_base.value / guard) * guard;
const begin = end;
const places = sizes.map((size) => {
  const place = end + guard;
  end = Math.ceil((place + size) / guard) * guard;
  return place;
});
end += guard;
const missing = end - memory.buffer.byteLength;
if (missing > 0) memory.grow(Math.ceil(missing / 65536));
bytes().fill(canary, begin, end);
const [workspace, tensors, ...doors] = places;
new Uint32Array(memory.buffer).set(doors, tensors / 4);
inputs.forEach((input, i) => bytes().set(input, doors[i]));

const status = exports[name](tensors, workspace, sizes[0], 0);
if (status !== 0) throw new Error(`${name} answered ${status}`);
let from = begin;
places.forEach((place, i) => {
  for (let at = from; at < place; ++at) {
    if (bytes()[at] !== canary) throw new Error(`byte ${at}, before buffer ${i}, was written`);
  }
  from = place + sizes[i];
});
for (let at = from; at < end; ++at) {
  if (bytes()[at] !== canary) throw new Error(`byte ${at}, behind all buffers, was written`);
}
inputs.forEach((input, i) => {
  if (input.compare(bytes().subarray(doors[i], doors[i] + input.length)) !== 0) throw new Error(`input ${i} was written`);
});
outputs.forEach(({ file, bytes: size }, i) => {
  const place = doors[inputs.length + i];
  writeFileSync(file, bytes().subarray(place, place + size));
});
