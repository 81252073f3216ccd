/** Which of Apple's two worlds: device tokens, certificates and some keys belong to one of them. */
export type Environment = "production" | "development";
