/** The prefix of this provider's models, and its name in errors. */
export const providerName = "huggingface";
