"""The moderation APIs that other programs know: the Perspective one and OpenAI's."""
