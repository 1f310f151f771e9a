// The scenes of the film, and how many seconds each takes: a film of another run has the same pace, however long the
// servers took. Each has a text of its name in tools/video/words/TAG.json.

/** `rests`: where a scene waits for those who read, on its first picture or on its last. */
export const SCENES = [
  { name: "start", seconds: 4.5, rests: "first" },
  { name: "account", seconds: 4, rests: "last" },
  { name: "sign-in", seconds: 4, rests: "last" },
  { name: "findings", seconds: 5, rests: "first" },
  { name: "save", seconds: 6.5, rests: "first" },
  { name: "prove", seconds: 5, rests: "first" },
  { name: "confirm", seconds: 4.5, rests: "first" },
  { name: "old-keys", seconds: 5, rests: "first" },
  { name: "compare", seconds: 8, rests: "first" },
  { name: "arrive", seconds: 4, rests: "last" },
  { name: "coverage", seconds: 4, rests: "first" },
  { name: "done", seconds: 5, rests: "last" },
];

/** The most seconds that a film may take, and the most bytes that a file of it may have. */
export const longest = 60;
export const most = 1_500_000;
