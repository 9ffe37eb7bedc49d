/** The least that a compiled program can do: the floor for the start of a tool. */
console.log("hello, world");
