// Whole, runnable, static Linux programs of a few hundred bytes: they exit with 0. After the System V ABI, ELF-64.

const MACHINES = {
  'linux/amd64': { id: 62, code: [0x31, 0xff, 0xb8, 60, 0, 0, 0, 0x0f, 0x05] }, // xor edi,edi; mov eax,60; syscall
  'linux/arm64': {
    id: 183,
    code: [0x00, 0x00, 0x80, 0xd2, 0xa8, 0x0b, 0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4],
  }, // mov x0,0; mov x8,93; svc 0
} as const

export type TinyPlatform = keyof typeof MACHINES

const BASE = 0x400000
const HEADERS = 64 + 56

/** Makes a program for a platform; `mark` makes two of them differ, `size` pads it. */
export function tinyElf(platform: TinyPlatform, mark = '', size = 0): Buffer {
  const { id, code } = MACHINES[platform]
  const body = Buffer.concat([Buffer.from(code), Buffer.from(mark)])
  const length = Math.max(size, HEADERS + body.length)
  const file = Buffer.alloc(length)
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1], 0)
  file.writeUInt16LE(2, 16) // e_type: ET_EXEC
  file.writeUInt16LE(id, 18)
  file.writeUInt32LE(1, 20)
  file.writeBigUInt64LE(BigInt(BASE + HEADERS), 24) // e_entry
  file.writeBigUInt64LE(64n, 32) // e_phoff
  file.writeUInt16LE(64, 52)
  file.writeUInt16LE(56, 54)
  file.writeUInt16LE(1, 56) // one program header
  file.writeUInt32LE(1, 64) // PT_LOAD
  file.writeUInt32LE(5, 68) // read and execute
  file.writeBigUInt64LE(BigInt(BASE), 80)
  file.writeBigUInt64LE(BigInt(BASE), 88)
  file.writeBigUInt64LE(BigInt(length), 96)
  file.writeBigUInt64LE(BigInt(length), 104)
  file.writeBigUInt64LE(0x1000n, 112)
  body.copy(file, HEADERS)
  return file
}
