"""Tiny random models built on disk from nothing: they load and run as the real ones do, and say nonsense."""

from __future__ import annotations

from pathlib import Path
from typing import Any

WORDS = ["a", "cat", "dog", "red", "square", "on", "the", "sofa", "and", "blue", "sky", "with", "two", "people"]


def tiny_blip(folder: Path, *, pickle: bool = False) -> Path:
    """A BLIP of about 50 kB, in safetensors, or with `pickle` in the older pytorch_model.bin."""
    import torch
    from transformers import BertTokenizer, BlipConfig, BlipForConditionalGeneration, BlipImageProcessor, BlipProcessor

    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEC]", *WORDS]
    # `vocab=` and not `vocab_file=`, which quietly gives five tokens.
    tokenizer = BertTokenizer(
        vocab={word: index for index, word in enumerate(names)}, additional_special_tokens=["[DEC]"]
    )
    size = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = BlipConfig(
        text_config={
            **size,
            "vocab_size": len(names),
            "encoder_hidden_size": 16,
            "projection_dim": 16,
            "max_position_embeddings": 64,
            "pad_token_id": 0,
            "bos_token_id": 5,
            "sep_token_id": 3,
            "eos_token_id": 3,
        },
        vision_config={**size, "image_size": 32, "patch_size": 8},
        projection_dim=16,
        image_text_hidden_size=16,
    )
    torch.manual_seed(0)
    model = BlipForConditionalGeneration(config).eval()
    processor = BlipProcessor(BlipImageProcessor(size={"height": 32, "width": 32}), tokenizer)
    folder.mkdir(parents=True, exist_ok=True)
    processor.save_pretrained(folder)
    model.save_pretrained(folder)
    if pickle:
        torch.save(model.state_dict(), folder / "pytorch_model.bin")
        (folder / "model.safetensors").unlink()
    return folder


TEMPLATE = (
    "{% for message in messages %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<image>{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %}{% endfor %}{% if add_generation_prompt %} a{% endif %}"
)


def tiny_idefics3(folder: Path) -> Path:
    """An Idefics3, the type of SmolVLM, with a chat template and a tokenizer of single words."""
    import torch
    from transformers import (
        Idefics3Config,
        Idefics3ForConditionalGeneration,
        Idefics3ImageProcessor,
        Idefics3Processor,
    )

    tokenizer = _word_tokenizer()
    size = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = Idefics3Config(
        text_config={
            "model_type": "llama",
            **size,
            "num_key_value_heads": 2,
            "vocab_size": len(tokenizer),
            "pad_token_id": tokenizer.pad_token_id,
            "bos_token_id": tokenizer.bos_token_id,
            "eos_token_id": tokenizer.eos_token_id,
            "max_position_embeddings": 512,
        },
        vision_config={**size, "image_size": 32, "patch_size": 8},
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        pad_token_id=tokenizer.pad_token_id,
        scale_factor=2,
    )
    torch.manual_seed(0)
    model = Idefics3ForConditionalGeneration(config).eval()
    # Words only, so that a caption is never empty and always as long as max_tokens.
    model.generation_config.suppress_tokens = list(range(len(tokenizer) - len(WORDS)))
    images = Idefics3ImageProcessor(
        size={"longest_edge": 32}, max_image_size={"longest_edge": 32}, do_image_splitting=False
    )
    processor = Idefics3Processor(images, tokenizer, image_seq_len=4, chat_template=TEMPLATE)
    folder.mkdir(parents=True, exist_ok=True)
    processor.save_pretrained(folder)
    model.save_pretrained(folder)
    return folder


def _word_tokenizer() -> Any:
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import WhitespaceSplit
    from transformers import PreTrainedTokenizerFast

    special = [
        "<pad>",
        "<unk>",
        "<s>",
        "</s>",
        "<image>",
        "<fake_token_around_image>",
        "<global-img>",
        "<end_of_utterance>",
    ]
    vocab = {word: index for index, word in enumerate([*special, *WORDS])}
    backend = Tokenizer(WordLevel(vocab, unk_token="<unk>"))
    backend.pre_tokenizer = WhitespaceSplit()
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        pad_token="<pad>",
        unk_token="<unk>",
        bos_token="<s>",
        eos_token="</s>",
        additional_special_tokens=special[4:],
    )


def tiny_clip(folder: Path) -> Path:
    """A CLIP with a tokenizer of single words; its texts are eight tokens long at most."""
    import torch
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPProcessor

    tokenizer = _word_tokenizer()
    size = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = CLIPConfig(
        text_config={
            **size,
            "vocab_size": len(tokenizer),
            "max_position_embeddings": 8,
            "pad_token_id": tokenizer.pad_token_id,
            "bos_token_id": tokenizer.bos_token_id,
            "eos_token_id": tokenizer.eos_token_id,
        },
        vision_config={**size, "image_size": 32, "patch_size": 8},
        projection_dim=16,
    )
    torch.manual_seed(0)
    images = CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    folder.mkdir(parents=True, exist_ok=True)
    CLIPProcessor(images, tokenizer).save_pretrained(folder)
    CLIPModel(config).eval().save_pretrained(folder)
    return folder


def tiny_siglip(folder: Path) -> Path:
    """The same as a SigLIP."""
    import torch
    from transformers import SiglipConfig, SiglipImageProcessor, SiglipModel, SiglipProcessor

    tokenizer = _word_tokenizer()
    size = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = SiglipConfig(
        text_config={**size, "vocab_size": len(tokenizer), "max_position_embeddings": 8, "projection_size": 16},
        vision_config={**size, "image_size": 32, "patch_size": 8},
    )
    torch.manual_seed(0)
    images = SiglipImageProcessor(size={"height": 32, "width": 32})
    folder.mkdir(parents=True, exist_ok=True)
    SiglipProcessor(images, tokenizer).save_pretrained(folder)
    SiglipModel(config).eval().save_pretrained(folder)
    return folder
