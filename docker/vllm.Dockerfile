# The vLLM that our plugin is tested with (on a processor: make test-servers), with our architecture registered, as the reference server for OmniScript and Qwen3-VL folders.
# Build from the top of the repository: docker build -f docker/vllm.Dockerfile -t omniscript-vllm .
FROM vllm/vllm-openai:v0.32.0

WORKDIR /app
COPY pyproject.toml README.md LICENSE ./
COPY omniscript_mam omniscript_mam
COPY inference inference
COPY search search
COPY eval eval
# Without dependencies: torch, transformers and pydantic are vLLM's own here. The package brings the entry point vllm.general_plugins.
RUN pip install --no-cache-dir --no-deps .

ENTRYPOINT ["vllm", "serve"]
