# OmniScript MAM. Everything that a target needs is installed by it, into .venv; data go to ./data (OMNISCRIPT_DATA_DIR).
export OMNISCRIPT_DATA_DIR ?= $(CURDIR)/data
BARE = tests/inference/media tests/eval tests/world tests/integration
RUN_TESTS = .venv/bin/python -m pytest -n auto --dist loadfile
PYTEST = OMP_NUM_THREADS=1 .venv/bin/python tools/services.py $(RUN_TESTS)
.PHONY: help setup setup-dev demo serve test test-bare test-servers test-gpu lint types contracts check bench bench-eval bench-liar bench-v2s bench-ingest bench-dialogue bench-search bench-questions bench-long bench-audio bench-decoding bench-overfit bench-sound-matrix bench-emotion bench-vllm clean

help: ## Show this help
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Make the environment in .venv (no root needed)
	@tools/setup.sh lite,world

setup-dev:
	@tools/setup.sh lite,world,dev

demo: setup ## Ingest real footage, search it, and serve the web page (FILM=path adds your own)
	@.venv/bin/omniscript models pull
	@.venv/bin/python -m omniscript_mam.demo $(if $(FILM),--film "$(FILM)") $(DEMO_OPTIONS)

serve: setup ## Serve the web page again; nothing is done twice
	@.venv/bin/omniscript serve

test: setup-dev ## Run the whole test suite, browser and real engines included
	@tools/chromium.sh
	@.venv/bin/omniscript models pull
	$(PYTEST) $(TESTS)

test-bare: setup-dev ## What depends on ffmpeg and servers, with none of them on the PATH: the packaged ffmpeg, servers from wheels
	OMP_NUM_THREADS=1 .venv/bin/python tools/bare.py .venv/bin/python tools/services.py --wheels $(RUN_TESTS) -m bare $(BARE)

test-servers: setup-dev ## Against the real vLLM and llama.cpp, in environments of their own (1.5 minutes to make, 2.3 GB)
	.venv/bin/python tools/vllm_environment.py
	.venv/bin/python tools/llama_environment.py
	OMP_NUM_THREADS=1 .venv/bin/python -m pytest tests/servers -s -rs

test-gpu: setup-dev ## What needs an NVIDIA GPU; prints the figures of docs/benchmarks.md
	.venv/bin/python -m pytest tests/gpu -m gpu -s -rs

lint: setup-dev ## Style
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

types: setup-dev ## Static types
	.venv/bin/mypy

contracts: setup-dev ## Who may import whom
	.venv/bin/lint-imports

check: lint types contracts test ## What CI runs

bench: bench-dialogue bench-ingest bench-search bench-eval bench-v2s bench-long bench-audio bench-decoding bench-overfit bench-sound-matrix ## Every figure of docs/benchmarks.md

bench-dialogue: setup-dev ## Lines: word errors, times, inventions, speakers
	.venv/bin/python benchmarks/dialogue.py

bench-ingest: setup-dev ## Whole pipeline against the bare recogniser; memory over length
	.venv/bin/python benchmarks/ingest.py

bench-search: setup-dev ## Search quality and latency
	.venv/bin/python benchmarks/search.py

bench-emotion: setup-dev ## What lines feel: EMOTIONS=a file in the form of EmoryNLP's set
	.venv/bin/python -m benchmarks.emotion "$(EMOTIONS)"

bench-questions: setup-dev ## What people type: left alone, mended, answered
	.venv/bin/python benchmarks/questions.py

bench-liar: setup-dev ## What becomes of a model's inventions, and of a good answer
	OMP_NUM_THREADS=1 .venv/bin/python benchmarks/liar.py

bench-v2s: setup-dev ## The lite writer on the V2S benchmark
	.venv/bin/python benchmarks/v2s.py

bench-eval: setup-dev ## Speed of the alignment against a plain table
	.venv/bin/python benchmarks/alignment.py

bench-audio: setup-dev ## What hearing costs: OmniScript with sound against Qwen3-VL without
	.venv/bin/python benchmarks/audio_path.py

bench-decoding: setup-dev ## Constrained against free decoding, tokens per second
	OMP_NUM_THREADS=1 .venv/bin/python benchmarks/decoding.py

bench-long: setup-dev ## Two-stage generation against one pass, from 5 to 40 minutes; kill -9
	.venv/bin/python benchmarks/long_video.py

bench-vllm: setup-dev ## 200 questions to the real vLLM, eight at once: life, memory, speed beside our own engine
	.venv/bin/python tools/vllm_environment.py
	.venv/bin/python benchmarks/vllm_serving.py

bench-overfit: setup-dev ## A tiny model is taught a few films: what it learns, and what from the sound
	OMP_NUM_THREADS=1 .venv/bin/python benchmarks/overfit.py

bench-sound-matrix: setup-dev ## What is heard in every container and codec, against the ffmpeg program's own decode
	OMP_NUM_THREADS=1 .venv/bin/python benchmarks/sound_matrix.py

clean: ## Remove the environment and the demo's data
	rm -rf .venv data
