/** What the page shows before anything is typed. */
export const example = {
  query: "How long does a sourdough starter keep in the fridge?",
  documents: [
    "Rye flour makes a starter livelier than white flour does.",
    "Milk keeps for about a week in the fridge once it is open.",
    "Bake the loaf with steam for the first twenty minutes.",
    "A sourdough starter keeps for weeks in the fridge when it is fed before it goes in.",
    "How long a dough rises depends on the room more than on the recipe.",
    "A neglected starter wakes up after two or three feedings at room temperature.",
  ],
} as const;
