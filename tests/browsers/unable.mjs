/** Says that a driver, or the browser as this driver starts it, cannot do what a feature needs. It is no failure, and no pass. */
export class Unable extends Error {}
