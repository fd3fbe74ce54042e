"""The marks that families of models leave in their answers, as data: a new family is one more entry."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Family:
    """What one family writes round a caption. Letters count in either case; every mark is plain text, no pattern."""

    name: str
    thoughts: tuple[tuple[str, str], ...] = ()
    """Where thinking begins and ends. Nothing between is a caption."""
    wraps: tuple[tuple[str, str], ...] = ()
    """What stands round the answer itself."""
    starts: tuple[str, ...] = ()
    """What may stand before an answer."""
    ends: tuple[str, ...] = ()
    """What ends an answer: whatever comes behind is the model talking to itself."""
    anywhere: tuple[str, ...] = ()
    """What says nothing wherever it stands."""


FAMILIES = (
    Family(
        "models that think aloud: DeepSeek, Qwen, EXAONE, Keye, Nemotron, Reflection",
        thoughts=(
            ("<think>", "</think>"),
            ("<thinking>", "</thinking>"),
            ("<thought>", "</thought>"),
            ("<thoughts>", "</thoughts>"),
            ("<reasoning>", "</reasoning>"),
            ("<reflection>", "</reflection>"),
            ("<analysis>", "</analysis>"),
            ("<scratchpad>", "</scratchpad>"),
        ),
        wraps=(
            ("<answer>", "</answer>"),
            ("<response>", "</response>"),
            ("<output>", "</output>"),
            ("<final>", "</final>"),
            ("<final_answer>", "</final_answer>"),
            ("<caption>", "</caption>"),
            ("<description>", "</description>"),
            ("<tags>", "</tags>"),
            ("\\boxed{", "}"),
        ),
    ),
    Family("Qwen and others of its chat form", starts=("<|im_start|>assistant", "<|im_start|>"), ends=("<|im_end|>",)),
    Family("GLM", starts=("<|assistant|>",), ends=("<|user|>",), anywhere=("<|begin_of_box|>", "<|end_of_box|>")),
    Family("Kimi", thoughts=(("◁think▷", "◁/think▷"),)),
    Family(
        "Mistral",
        thoughts=(("[THINK]", "[/THINK]"),),
        starts=("[/INST]",),
        ends=("[INST]",),
    ),
    Family("Seed", thoughts=(("<seed:think>", "</seed:think>"),), ends=("<seed:eos>",)),
    Family("Gemma 4", thoughts=(("<|channel>thought", "<channel|>"),), starts=("<|turn>model",), ends=("<turn|>",)),
    Family("MedGemma", thoughts=(("<unused94>thought", "<unused95>"),)),
    Family("Gemma", starts=("<start_of_turn>model", "<bos>"), ends=("<end_of_turn>", "<start_of_turn>user")),
    Family(
        "OpenThinker, Sky",
        thoughts=(("<|begin_of_thought|>", "<|end_of_thought|>"),),
        wraps=(("<|begin_of_solution|>", "<|end_of_solution|>"),),
    ),
    Family(
        "Cohere, Aya",
        thoughts=(("<|START_THINKING|>", "<|END_THINKING|>"),),
        wraps=(("<|START_RESPONSE|>", "<|END_RESPONSE|>"), ("<|START_TEXT|>", "<|END_TEXT|>")),
        starts=("<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>", "<|CHATBOT_TOKEN|>"),
        ends=("<|END_OF_TURN_TOKEN|>",),
    ),
    Family(
        "Apriel",
        thoughts=(("Here are my reasoning steps:\n", "[BEGIN FINAL RESPONSE]"),),
        wraps=(("[BEGIN FINAL RESPONSE]", "[END FINAL RESPONSE]"),),
        ends=("[END FINAL RESPONSE]",),
    ),
    Family(
        "LLaVA-CoT",
        thoughts=(("<SUMMARY>", "</SUMMARY>"),),
        wraps=(("<CONCLUSION>", "</CONCLUSION>"),),
    ),
    Family("LLaVA", starts=("ASSISTANT:", "### Assistant:", "### Response:")),
    Family(
        "Llama",
        starts=("<|begin_of_text|>", "<|start_header_id|>assistant<|end_header_id|>"),
        ends=("<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "<|start_header_id|>"),
    ),
    Family("DeepSeek", starts=("<｜Assistant｜>",), ends=("<｜end▁of▁sentence｜>", "<|end▁of▁sentence|>")),
    Family("SmolVLM", starts=("Assistant:\n",), ends=("<end_of_utterance>",)),
    Family("gpt-oss, outside its channels", ends=("<|return|>", "<|call|>", "<|end|>")),
    Family("GPT-2 and what came of it", starts=("<|startoftext|>",), ends=("<|endoftext|>",)),
)

AT_THE_END = ("</s>", "<s>", "<eos>", "<pad>", "[PAD]", "<unk>", "[SEP]")
"""Taken off the very end alone: elsewhere they may be a caption's own words."""

AT_THE_START = ("<s>", "<pad>", "[CLS]")

CHANNEL, MESSAGE, FINAL = "<|channel|>", "<|message|>", "final"
"""gpt-oss writes into channels (OpenAI's harmony format): of those only the last one named `final` is for people."""

BARE_CHANNELS = ("analysis", "assistantfinal")
"""What is left of them where a server has taken the marks out, and run the words together."""
