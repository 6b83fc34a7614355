"""A llama.cpp server with a model of random weights and 259 tokens, in a process of its own: grammar makes its answers valid.

    python tests/servers/tiny_llama.py MODEL.gguf PORT [N_CTX] [N_PARALLEL] [KEY]

Needs the packages ``xllamacpp`` and ``gguf`` (:mod:`tests.servers.test_llama` makes their environment), and nothing of ours.
"""

import sys
import threading
from pathlib import Path

import gguf
import numpy as np

WIDTH, HIDDEN, HEADS, LAYERS = 64, 128, 2, 1


def make_model(path: Path) -> None:
    """A model that says anything: bytes as tokens, and one layer of noise."""
    rng = np.random.default_rng(0)
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_context_length(65536)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types([2, 3, 3, *[6] * 256])
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_chat_template("{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}")

    def noise(name: str, *shape: int) -> None:
        writer.add_tensor(name, rng.normal(0, 0.2, shape).astype(np.float32))

    noise("token_embd.weight", len(tokens), WIDTH)
    noise("output.weight", len(tokens), WIDTH)
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    for each in ("attn_q", "attn_k", "attn_v", "attn_output"):
        noise(f"blk.0.{each}.weight", WIDTH, WIDTH)
    for each in ("attn_norm", "ffn_norm"):
        writer.add_tensor(f"blk.0.{each}.weight", np.ones(WIDTH, np.float32))
    noise("blk.0.ffn_gate.weight", HIDDEN, WIDTH)
    noise("blk.0.ffn_up.weight", HIDDEN, WIDTH)
    noise("blk.0.ffn_down.weight", WIDTH, HIDDEN)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main() -> None:
    """Serve until the process is killed."""
    import xllamacpp

    path, port = Path(sys.argv[1]), int(sys.argv[2])
    if not path.exists():
        make_model(path)
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.hostnames, params.port = ["127.0.0.1"], port
    params.n_ctx = int(sys.argv[3]) if len(sys.argv) > 3 else 8192
    params.n_parallel = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    params.api_keys = sys.argv[5:6]
    params.cpuparams.n_threads = 1
    params.warmup = False
    server = xllamacpp.Server(params)
    print("serving", server.listening_address, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
