// The one file of a tar archive, as `docker cp web:/etc/hosts -` gives it.
const BLOCK = 512;
const ABOUT_THE_NEXT = new Set(["x", "g", "L", "K"]); // headers that only describe what follows

// Its content; undefined where the archive holds a folder, a link or more.
export function onlyFile(archive: DataView): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(archive.buffer as ArrayBuffer, archive.byteOffset, archive.byteLength);
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const size = parseInt(text(bytes, at + 124, 12), 8) || 0;
    const kind = text(bytes, at + 156, 1) || "0";
    const begin = at + BLOCK;
    if (!ABOUT_THE_NEXT.has(kind)) return kind === "0" ? bytes.slice(begin, begin + size) : undefined;
    at = begin + Math.ceil(size / BLOCK) * BLOCK;
  }
  return undefined;
}

function text(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length)).replace(/\0.*$/s, "").trim();
}
