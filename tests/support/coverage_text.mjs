// Reads the text that the page saves about which messages have their keys, in whatever language it is.

const line = String.raw`\n {2}[^\n]*[:：]\s*(\S+)`;
const room = new RegExp(String.raw`^ {2}(!\S+)${line}${line}${line}$`, "gm");
// Browsers write Arabic with digits of its own, and other separators.
const number = (text) => Number(text.replace(/[٠-٩]/g, (digit) => "٠١٢٣٤٥٦٧٨٩".indexOf(digit)).replace(/[^0-9]/g, ""));

/** Returns `{ [roomId]: { covered, missing, unknown } }`. */
export function roomsIn(text) {
  return Object.fromEntries(
    [...text.matchAll(room)].map(([, roomId, ...numbers]) => {
      const [covered, missing, unknown] = numbers.map(number);
      return [roomId, { covered, missing, unknown }];
    }),
  );
}
