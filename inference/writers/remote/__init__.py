"""Scripts written by a model behind any OpenAI-compatible address: :mod:`.endpoints` says which there are, :mod:`.engine` asks them."""
