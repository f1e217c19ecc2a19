// Reads the single file of a tar archive (POSIX ustar), as `docker cp web:/etc/hosts -` sends it.
const BLOCK = 512;
const [SIZE, CHECKSUM, TYPE] = [124, 148, 156]; // offsets in a header
const CHECKSUM_LENGTH = 8;
const EXTENDED_HEADERS = new Set(["x", "g", "L", "K"]); // pax and GNU: describe the next member

// Returns the content of the archive's first member if that is a whole regular file, else undefined.
export function singleFile(archive: DataView): Uint8Array<ArrayBuffer> | undefined {
  const { buffer, byteOffset, byteLength } = archive;
  const bytes = new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const header = bytes.subarray(at, at + BLOCK);
    const size = octal(header, SIZE, 12);
    const content = at + BLOCK;
    if (!isChecksumValid(header) || Number.isNaN(size) || content + size > bytes.length) break;
    const type = text(header, TYPE, 1) || "0";
    if (type === "0") return bytes.slice(content, content + size);
    if (!EXTENDED_HEADERS.has(type)) break;
    at = content + Math.ceil(size / BLOCK) * BLOCK;
  }
  return undefined;
}

// The checksum is the sum of the header's bytes, with the checksum field taken as spaces.
function isChecksumValid(header: Uint8Array): boolean {
  const expected = octal(header, CHECKSUM, CHECKSUM_LENGTH);
  const isField = (at: number): boolean => at >= CHECKSUM && at < CHECKSUM + CHECKSUM_LENGTH;
  return header.reduce((sum, byte, at) => sum + (isField(at) ? 0x20 : byte), 0) === expected;
}

// NaN for anything but octal digits: base-256 sizes (8 GiB and more) and negative ones.
function octal(header: Uint8Array, at: number, length: number): number {
  const digits = text(header, at, length);
  return /^[0-7]+$/.test(digits) ? parseInt(digits, 8) : Number.NaN;
}

function text(bytes: Uint8Array, at: number, length: number): string {
  const field = String.fromCharCode(...bytes.subarray(at, at + length));
  return field.replace(/\0.*$/s, "").trim();
}
