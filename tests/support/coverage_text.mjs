// Reads the text that the page saves about which messages have their keys.

const room = /^ {2}(!\S+)\n {2}have their keys: (\S+)\n {2}lack their keys: (\S+)\n {2}from before you joined: (\S+)$/gm;
const number = (text) => Number(text.replaceAll(",", ""));

/** Returns `{ [roomId]: { covered, missing, unknown } }`. */
export function roomsIn(text) {
  return Object.fromEntries(
    [...text.matchAll(room)].map(([, roomId, ...numbers]) => {
      const [covered, missing, unknown] = numbers.map(number);
      return [roomId, { covered, missing, unknown }];
    }),
  );
}
