// Loaded before every test file. uvu takes an error's `details` for a text and, finding an object, drops the error and every test
// behind it without a word; as soon as an object can be split like a text it is shown instead.
// oxlint-disable-next-line no-extend-native
Object.defineProperty(Object.prototype, 'split', {
  configurable: true,
  writable: true,
  value(this: object, separator: string): string[] {
    return JSON.stringify(this, null, 2).split(separator)
  },
})
