"""A tokenizer and language models with random weights, made without a network."""

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

CORPUS = [
    '{"scenes": [{"location": "Kitchen", "type": "Interior", "events": [{"start": "00:01.5", "end": "00:12", "character": "Tom", '
    '"dialogue": "Where is she?", "action": "He runs", "voice_type": "VO"}]}], "high_points": []}',
    "<thinking>\nPlot: They argue in the rain.\nRelations: He is her father.\n</thinking>\n",
] * 20
SPECIAL = ["<|endoftext|>", "<|im_end|>", "<|video_pad|>", "<|image_pad|>", "<|audio_pad|>"]


def small_tokenizer() -> PreTrainedTokenizerFast:
    """Bytes, and the common pieces of our JSON."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        CORPUS, trainers.BpeTrainer(vocab_size=400, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False)
    )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>", padding_side="left")


def random_language_model(vocabulary: int, seed: int = 0, **sizes: int) -> Qwen3ForCausalLM:
    """Qwen3's architecture; tiny unless ``sizes`` say otherwise."""
    shape = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 16,
    }
    torch.manual_seed(seed)
    return Qwen3ForCausalLM(Qwen3Config(vocab_size=vocabulary, max_position_embeddings=8192, **{**shape, **sizes})).eval()
