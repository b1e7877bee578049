"""Small tokenizers of every kind that tokenizer.json can say, and what `tokenizers` makes of texts with them.

    make_tokenizers.py OUT            1,000 texts, for bench/tokenizers.ts
    make_tokenizers.py OUT --small    a few dozen texts and small vocabularies, as in test/fixtures/tokenizers/kinds

OUT/texts.json has the texts, OUT/models.json vocabularies and merges by name; OUT/KIND.json has a kind's `tokenizer` (tokenizer.json),
`ids` of each text, `prompts` (the ids with what the post-processor puts around them, where there is one), `decoded` where it is not the
text, and `lists`: random ids with their text.
"""

import base64, json, os, random, sys, tempfile

import sentencepiece
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

OUT, SMALL = sys.argv[1], "--small" in sys.argv
TOKENS = 90 if SMALL else 1500
random.seed(7)

SENTENCES = [
    "The quick brown fox jumps over the lazy dog, doesn't it? I'll say they've won; we'd better go — it's late!",
    "Größe, Straße, übermäßig: der Fluß ist tief. Çà et là, l'été, où êtes-vous? El niño comió ñandú.",
    "Привет, мир! Сколько стоит билет до Москвы? Ещё раз, пожалуйста.",
    "今日は天気がいいですね。東京タワーへ行きましょう！ﾊﾝｶｸ カタカナ ー 漢字かな交じり文。",
    "你好，世界！這是一個測試。机器学习很有趣。", "안녕하세요 세계! 한국어 텍스트입니다. ᄒᆞᆫ글",
    "مرحبا بالعالم! كيف حالك؟ ٠١٢٣٤٥", "שלום עולם, מה שלומך?", "नमस्ते दुनिया! क्या हाल है? १२३ क्षत्रिय", "สวัสดีชาวโลก ภาษาไทย",
    "Γειά σου Κόσμε! ΟΔΥΣΣΕΥΣ Ὀδυσσεύς", "Xin chào thế giới! Tiếng Việt", "İstanbul'da ılık bir gün, IĞDIR", "தமிழ் மொழி", "ქართული ენა",
    "def f(x):\n    return x ** 2 + 1  # a comment\n\n\nfor i in range(10):\n\tprint(f(i))\n",
    "if (a && b || !c) { x[i] += y->z; } // <T>::new()\r\n\r\nint main(void){return 0;}\r\n",
    "SELECT * FROM t WHERE a = 'b' AND c >= 1.5e-3;", "https://example.org/a?b=c&d=%20e#f user@example.com",
    "2 + 2 = 4, 1234567890, 3.14159, 1,000,000, ½ ¾ ² ³ ₄ Ⅷ ① ٣ १", "$\\frac{a}{b} = \\sqrt{2}$ ∑ ∫ ≤ ≠ → ∞",
    "😀 👍🏽 👩‍👩‍👧‍👦 🇩🇪🇫🇷 ❤️ 🏳️‍🌈 ☕", "HELLO World camelCase snake_case kebab-case SCREAMING_CASE iPhone15",
    "``quoted'' “curly” ‘single’ «guillemets» 「かぎ」 … – —", "'S 'T 'LL 'Ve 'ſ don'T IT'S",
]  # fmt: skip
ODD = [
    " ", "  ", "   ", "\t", "\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x1f", "\x00", "\x01", "\x7f", "\x85", "\x8f", "\xa0", "\xad", "\u1680", "\u180e", "\u2002",
    "\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u202e", "\u202f", "\u205f", "\u2060", "\u2066", "\u2581", "\u3000", "\ufe0f", "\ufeff", "\ufffd",
    "\ufffe", "\ue000", "\U000e0001", "\U0010ffff", "e\u0301", "\u0301", "\u0345", "ﬁ", "ﬀ", "Å", "Å", "Ω", "ｆｕｌｌ", "㎏", "㍿", "ß", "ẞ", "ǆ", "ﷺ", "ﷻ", "ſt", "K", "İ", "ı", "𝕬𝖇", "𐐀",
    "<s>", "</s>", "<unk>", "<pad>", "<tool>", "<tools>", "<|im_start|>", "<mask>", "[CLS]", "word", "NOTE", "Note", "<0x41>", "▁", "▁▁a", "Ġ", "Ċ", "é", "##a", "</w>", "``", "''",
    "0", "12", "1234", "123456789", "a", "Z", "_", "-", "--", "---", ".", "...", "!?", "'", "\"", "\\", "/", "{}", "가", "힣", "ᄀ", "ᅡ", "각", "क्", "ก็", "๐", "〇", "一", "々", "・",
]  # fmt: skip


def word():
    return "".join(random.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(random.randint(1, 9)))


def make_texts():
    texts = ["", *SENTENCES, *ODD]
    texts += [" " * n for n in (4, 7, 40, 300)] + ["a" * 300, "A" * 150, "ab" * 200, "1" * 100, "-" * 100, "\n" * 50, "日" * 90, "😀" * 40, "é" * 80]
    texts += [" " + one for one in SENTENCES] + [one + " " for one in SENTENCES] + ["  " + one.replace(" ", "  ") + "  " for one in SENTENCES]
    texts += [one.upper() for one in SENTENCES] + [one.replace(" ", "\n") for one in SENTENCES]
    while len(texts) < 1000:
        kind = random.random()
        if kind < 0.3:
            texts.append("".join(random.choice(ODD) for _ in range(random.randint(2, 12))))
        elif kind < 0.5:
            texts.append("".join(random.choice([random.choice(ODD), word(), " "]) for _ in range(random.randint(2, 20))))
        elif kind < 0.65:
            ranges = [(32, 126), (0, 0x2FF), (0x300, 0x52F), (0x900, 0x97F), (0xAC00, 0xD7A3), (0x2000, 0x2BFF), (0x3000, 0x9FFF), (0xF900, 0xFFFD), (0x1F300, 0x1FAFF)]  # fmt: skip
            texts.append("".join(chr(random.randint(*random.choice(ranges))) for _ in range(random.randint(1, 25))))
        elif kind < 0.85:
            texts.append(" ".join(word() for _ in range(random.randint(1, 20))) + random.choice(["", ".", " ", "\n", "!"]))
        else:
            one = random.choice(SENTENCES)
            start = random.randrange(len(one))
            texts.append(one[start : start + random.randint(1, 40)])
    return texts[:1000]


TEXTS = make_texts()
CORPUS = SENTENCES * 3 + [" ".join(word() for _ in range(12)) for _ in range(300)]
if SMALL:
    CORPUS = [one for one in SENTENCES if one.isascii()] * 3
    one_in_six = random.Random(3).sample(range(len(TEXTS)), 24)
    short = [text for text in (TEXTS[i] for i in sorted(one_in_six)) if len(text) < 60]
    SHOWN = ["", " ", "   a  b ", *SENTENCES[:6], *SENTENCES[15:18], SENTENCES[21], "word sword <tool>x  <tool>", " Note</s>NOTE  <s> é", "e\u0301ﬁ\u200b\x01\u3000Å", "a" * 70, *short]
    SHOWN += ["<0x41>\ufeff\u2581a", "\r\n\x85\u2028 x", "1234567 ½٣", "don't IT'S 'ſ", "``a'' --- !?"]
else:
    SHOWN = TEXTS

# --- the parts of tokenizer.json ---

BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
GPT2 = {**BYTES, "use_regex": True}
sequence = lambda *parts: {"type": "Sequence", "pretokenizers": list(parts)}
normalizer_sequence = lambda *parts: {"type": "Sequence", "normalizers": list(parts)}
decoder_sequence = lambda *parts: {"type": "Sequence", "decoders": list(parts)}
split = lambda pattern, behavior="Isolated", invert=False: {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": invert}
regex = lambda pattern, behavior="Isolated", invert=False: split({"Regex": pattern}, behavior, invert)
text_split = lambda text, behavior="Isolated", invert=False: split({"String": text}, behavior, invert)
replace = lambda text, content: {"type": "Replace", "pattern": {"String": text}, "content": content}
replace_regex = lambda pattern, content: {"type": "Replace", "pattern": {"Regex": pattern}, "content": content}
metaspace = lambda scheme, split=True: {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": split}
starting = lambda token, id: {
    "type": "TemplateProcessing",
    "single": [{"SpecialToken": {"id": token, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
    "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
    "special_tokens": {token: {"id": token, "ids": [id], "tokens": [token]}},
}

CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
REST = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
WORDS = CONTRACTIONS + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|"
UPPER, LOWER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]", "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]"
O200K = f"[^\\r\\n\\p{{L}}\\p{{N}}]?{UPPER}*{LOWER}+{CONTRACTIONS}?|[^\\r\\n\\p{{L}}\\p{{N}}]?{UPPER}+{LOWER}*{CONTRACTIONS}?|\\p{{N}}{{1,3}}| ?[^\\s\\p{{L}}\\p{{N}}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
TEKKEN = O200K.replace(CONTRACTIONS + "?", "").replace("\\p{N}{1,3}", "\\p{N}")
CL100K = "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s"
DEEPSEEK = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
KIMI = "[\\p{Han}]+|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}&&[^\\p{Han}]]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}&&[^\\p{Han}]]+" + CONTRACTIONS + "?|\\p{N}{1,3}" + REST
QWEN35 = CONTRACTIONS + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
BLOOM = " ?[^(\\s|[.,!?…。，、।۔،])]+"

CHARSMAP = None


def charsmap():
    """sentencepiece's nmt_nfkc; for the fixtures a few rules of it."""
    global CHARSMAP
    if CHARSMAP is None:
        with tempfile.TemporaryDirectory() as folder:
            text, prefix, rules = (os.path.join(folder, name) for name in ("t.txt", "m", "r.tsv"))
            open(text, "w").write("\n".join(one.replace("\n", " ") for one in SENTENCES * 20))
            more = {}
            if SMALL:
                pairs = {"\ufb01": "fi", "e\u0301": "\u00e9", "\u212b": "\u00c5", "\u3000": " ", "\t": " ", "\n": " ", "\u200b": "", "\x01": "", "\u00bd": "1\u20442", "\u338f": "kg", "\u2026": "...", "A\u030a": "\u00c5", "\uff12": "2"}
                open(rules, "w").write("".join(" ".join(f"{ord(c):X}" for c in a) + "\t" + " ".join(f"{ord(c):X}" for c in b) + "\n" for a, b in pairs.items()))
                more = {"normalization_rule_tsv": rules}
            sentencepiece.SentencePieceTrainer.train(input=text, model_prefix=prefix, vocab_size=600, hard_vocab_limit=False, minloglevel=2, character_coverage=1.0, **more)
            from sentencepiece import sentencepiece_model_pb2

            proto = sentencepiece_model_pb2.ModelProto()
            proto.ParseFromString(open(prefix + ".model", "rb").read())
            CHARSMAP = base64.b64encode(proto.normalizer_spec.precompiled_charsmap).decode()
    return {"type": "Precompiled", "precompiled_charsmap": CHARSMAP}


# --- the models, trained ---

TRAINED = {}


def trained(key, make):
    if key not in TRAINED:
        TRAINED[key] = json.dumps(make())
    return json.loads(TRAINED[key])



def of(model, trainer, normalizer, pre):
    blank = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": normalizer, "pre_tokenizer": pre, "post_processor": None, "decoder": None}
    tokenizer = Tokenizer.from_str(json.dumps({**blank, "model": json.loads(Tokenizer(model).to_str())["model"]}))
    tokenizer.train_from_iterator(CORPUS, trainer)
    return json.loads(tokenizer.to_str())["model"]


def byte_bpe(pre, normalizer=None, specials=("<s>", "</s>", "<pad>"), **more):
    def make():
        trainer = trainers.BpeTrainer(vocab_size=256 + TOKENS, special_tokens=list(specials), initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False)
        return of(models.BPE(), trainer, normalizer, pre)

    return {**trained(json.dumps([pre, normalizer, specials]), make), **more}


def sp_bpe(byte_fallback=True, **more):
    """As converters of sentencepiece write it: the control tokens, 256 bytes, what was merged, then single characters."""

    def make():
        pre = metaspace("always")
        model = of(models.BPE(), trainers.BpeTrainer(vocab_size=TOKENS + 250, limit_alphabet=120 if not SMALL else 60, show_progress=False), None, pre)
        tokens = sorted(model["vocab"], key=model["vocab"].get)
        order = ["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)] + [t for t in tokens if len(t) > 1] + [t for t in tokens if len(t) == 1]
        # the converters find merges again from pieces: every cut of each, the best piece first, of one piece the longest beginning
        pieces = list(dict.fromkeys("".join(merge) for merge in model["merges"]))
        merges = [[t[:i], t[i:]] for t in pieces for i in range(len(t) - 1, 0, -1) if t[:i] in tokens and t[i:] in tokens]
        return {**model, "vocab": {token: id for id, token in enumerate(order)}, "merges": merges}

    model = trained("sp_bpe", make)
    if not byte_fallback:
        kept = [t for t in model["vocab"] if not t.startswith("<0x")]
        model["vocab"] = {token: id for id, token in enumerate(kept)}
    return {**model, "unk_token": "<unk>", "fuse_unk": True, "byte_fallback": byte_fallback, **more}


def unigram(byte_fallback=False):
    def make():
        trainer = trainers.UnigramTrainer(vocab_size=TOKENS + 300, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>", show_progress=False)
        return of(models.Unigram(), trainer, None, metaspace("always"))

    model = trained("unigram", make)
    if byte_fallback:
        model["vocab"] += [[f"<0x{b:02X}>", 0.0 - b / 7] for b in range(256)]
    return {**model, "byte_fallback": byte_fallback}


def word_piece():
    def make():
        trainer = trainers.WordPieceTrainer(vocab_size=TOKENS + 300, limit_alphabet=150, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]"], show_progress=False)
        return of(models.WordPiece(unk_token="[UNK]"), trainer, {"type": "Lowercase"}, {"type": "BertPreTokenizer"})

    return trained("word_piece", make)


def suffixed_bpe():
    def make():
        trainer = trainers.BpeTrainer(vocab_size=TOKENS + 400, end_of_word_suffix="</w>", limit_alphabet=90, special_tokens=["<unk>"], show_progress=False)
        return of(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"), trainer, {"type": "Lowercase"}, {"type": "Whitespace"})

    return trained("suffixed", make)


def prefixed_bpe():
    def make():
        trainer = trainers.BpeTrainer(vocab_size=TOKENS + 400, continuing_subword_prefix="##", limit_alphabet=90, special_tokens=["<unk>"], show_progress=False)
        return of(models.BPE(unk_token="<unk>", continuing_subword_prefix="##"), trainer, None, {"type": "Whitespace"})

    return trained("prefixed", make)


def word_level():
    def make():
        return of(models.WordLevel(unk_token="<unk>"), trainers.WordLevelTrainer(vocab_size=TOKENS, special_tokens=["<unk>"], show_progress=False), None, {"type": "Whitespace"})

    return trained("word_level", make)


def tokenizer(model, pre=None, normalizer=None, decoder=None, post=None, added=()):
    vocab = model["vocab"]
    ids = {t: i for i, (t, _) in enumerate(vocab)} if isinstance(vocab, list) else vocab
    more = len(ids)
    listed = []
    for entry in added:
        content, flags = (entry, {"special": True}) if isinstance(entry, str) else entry
        id = ids.get(content)
        if id is None:
            id, more = more, more + 1
        listed.append({"id": id, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": False, **flags})
    listed.sort(key=lambda token: token["id"])
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": listed, "normalizer": normalizer, "pre_tokenizer": pre, "post_processor": post, "decoder": decoder, "model": model}


def byte_level(pre, normalizer=None, post=None, added=("<s>", "</s>", "<pad>"), decoder=GPT2, **more):
    pieces = pre if pre["type"] != "Split" else sequence(pre, BYTES)
    return tokenizer(byte_bpe(pieces, normalizer, **more), pieces, normalizer, decoder, post, added)


SP_DECODER = decoder_sequence(replace("▁", " "), {"type": "ByteFallback"}, {"type": "Fuse"})
SP_STRIP = decoder_sequence(replace("▁", " "), {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0})
SP_NORMAL = normalizer_sequence({"type": "Prepend", "prepend": "▁"}, replace(" ", "▁"))
SP_ADDED = ("<unk>", "<s>", "</s>")
flags = lambda content, **which: (content, which)
RULES = (
    flags("word", single_word=True), flags("<tool>", lstrip=True), flags("<tools>", rstrip=True), flags("<mask>", lstrip=True, rstrip=True, special=True),
    flags("NOTE", normalized=True), flags("Å", normalized=True), flags("a b", single_word=True, normalized=True, rstrip=True), flags("  "), flags("---", special=True, single_word=True, lstrip=True),
)  # fmt: skip
METASPACE = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
T5_NORMAL = lambda: normalizer_sequence(charsmap(), {"type": "Strip", "strip_left": False, "strip_right": True}, replace_regex(" {2,}", "▁"))
UNI_ADDED = ("<pad>", "</s>", "<unk>")
BERT = lambda **more: {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True, **more}
BERT_ADDED = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
PIECES = {"type": "WordPiece", "prefix": "##", "cleanup": True}
KINDS = {
    # byte-level BPE, by the pattern of each family
    "bytes-gpt2": lambda: byte_level(GPT2),
    "bytes-gpt2-prefix-space": lambda: byte_level({**GPT2, "add_prefix_space": True}),
    "bytes-smollm": lambda: byte_level(sequence({"type": "Digits", "individual_digits": True}, GPT2)),
    "bytes-starcoder": lambda: byte_level(sequence({"type": "Digits", "individual_digits": False}, GPT2)),
    "bytes-llama3": lambda: byte_level(regex(WORDS + "\\p{N}{1,3}" + REST), post={"type": "Sequence", "processors": [GPT2, starting("<s>", 0)]}, ignore_merges=True),
    "bytes-qwen2": lambda: byte_level(regex(WORDS + "\\p{N}" + REST), {"type": "NFC"}),
    "bytes-qwen3.5": lambda: byte_level(regex(QWEN35), {"type": "NFC"}),
    "bytes-o200k": lambda: byte_level(regex(O200K)),
    "bytes-cl100k": lambda: byte_level(regex(CL100K, "Removed", True)),
    "bytes-tekken": lambda: byte_level(regex(TEKKEN), post=starting("<s>", 0), ignore_merges=True),
    "bytes-deepseek": lambda: byte_level(sequence(regex("\\p{N}{1,3}"), regex("[一-龥぀-ゟ゠-ヿ]+"), regex(DEEPSEEK), BYTES)),
    "bytes-kimi": lambda: byte_level(regex(KIMI)),
    "bytes-bloom": lambda: byte_level(regex(BLOOM), post=GPT2),
    "bytes-falcon": lambda: byte_level(sequence({"type": "Punctuation", "behavior": "Contiguous"}, GPT2, {"type": "Digits", "individual_digits": False}, regex("[0-9][0-9][0-9]"))),
    "bytes-normalizer": lambda: tokenizer(byte_bpe(None, {"type": "ByteLevel"}), regex("Ġ?[A-Za-z]+"), {"type": "ByteLevel"}, GPT2, None, ("<s>",)),
    "bytes-added": lambda: byte_level(regex(WORDS + "\\p{N}" + REST), {"type": "NFC"}, added=("<s>", "</s>", "<pad>", *RULES)),
    "bytes-nfkc-lower": lambda: byte_level(GPT2, normalizer_sequence({"type": "NFKC"}, {"type": "Lowercase"})),
    # sentencepiece's BPE with byte fallback
    "pieces-llama2": lambda: tokenizer(sp_bpe(), None, SP_NORMAL, SP_STRIP, starting("<s>", 1), SP_ADDED),
    "pieces-llama2-first": lambda: tokenizer(sp_bpe(), metaspace("first", False), None, SP_STRIP, starting("<s>", 1), SP_ADDED),
    "pieces-always": lambda: tokenizer(sp_bpe(), metaspace("always", False), None, decoder_sequence({"type": "ByteFallback"}, METASPACE, {"type": "Fuse"}), None, SP_ADDED),
    "pieces-never": lambda: tokenizer(sp_bpe(), metaspace("never", False), None, SP_DECODER, None, SP_ADDED),
    "pieces-split": lambda: tokenizer(sp_bpe(), metaspace("first", True), None, {**METASPACE, "prepend_scheme": "first"}, None, SP_ADDED),
    "pieces-phi3": lambda: tokenizer(sp_bpe(), None, SP_NORMAL, SP_STRIP, starting("<s>", 1), ("<unk>", "<s>", flags("</s>", rstrip=True), flags("<|im_start|>", rstrip=True, special=True), flags("<tool>", rstrip=True, special=True))),
    "pieces-gemma": lambda: tokenizer(sp_bpe(), text_split(" ", "MergedWithPrevious"), replace(" ", "▁"), SP_DECODER, starting("<s>", 1), SP_ADDED),
    "pieces-no-bytes": lambda: tokenizer(sp_bpe(False), metaspace("always"), None, METASPACE, None, SP_ADDED),
    "pieces-no-bytes-unfused": lambda: tokenizer(sp_bpe(False, fuse_unk=False), metaspace("always"), None, METASPACE, None, SP_ADDED),
    "pieces-no-unknown": lambda: tokenizer(sp_bpe(False, unk_token=None), metaspace("always"), None, METASPACE, None, SP_ADDED),
    "pieces-added": lambda: tokenizer(sp_bpe(), None, SP_NORMAL, SP_STRIP, None, (*SP_ADDED, *RULES)),
    "pieces-first-added": lambda: tokenizer(sp_bpe(), metaspace("first", False), None, SP_STRIP, None, (*SP_ADDED, *RULES)),
    # Unigram
    "unigram-t5": lambda: tokenizer(unigram(), metaspace("always"), T5_NORMAL(), METASPACE, None, UNI_ADDED),
    "unigram-xlm-r": lambda: tokenizer(unigram(), sequence({"type": "WhitespaceSplit"}, metaspace("always")), charsmap(), METASPACE, None, UNI_ADDED),
    "unigram-first": lambda: tokenizer(unigram(), metaspace("first"), T5_NORMAL(), {**METASPACE, "prepend_scheme": "first"}, None, UNI_ADDED),
    "unigram-bytes": lambda: tokenizer(unigram(True), metaspace("never", False), None, SP_DECODER, starting("</s>", 1), UNI_ADDED),
    "unigram-bytes-split": lambda: tokenizer(unigram(True), sequence(regex("\\p{N}|[^\\p{N}]+"), metaspace("first")), {"type": "NFKC"}, SP_STRIP, None, UNI_ADDED),
    "unigram-albert": lambda: tokenizer(unigram(), metaspace("always"), normalizer_sequence(replace("``", '"'), replace("''", '"'), {"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Lowercase"}, charsmap()), METASPACE, None, UNI_ADDED),
    "unigram-added": lambda: tokenizer(unigram(), metaspace("first"), charsmap(), METASPACE, None, (*UNI_ADDED, *RULES)),
    # words
    "word-piece-uncased": lambda: tokenizer(word_piece(), {"type": "BertPreTokenizer"}, BERT(), PIECES, {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}, BERT_ADDED),
    "word-piece-cased": lambda: tokenizer(word_piece(), {"type": "BertPreTokenizer"}, BERT(lowercase=False, handle_chinese_chars=False), {**PIECES, "cleanup": False}, None, BERT_ADDED),
    "word-piece-added": lambda: tokenizer(word_piece(), {"type": "BertPreTokenizer"}, BERT(strip_accents=False), PIECES, None, (*BERT_ADDED, *RULES)),
    "word-level": lambda: tokenizer(word_level(), {"type": "Whitespace"}, None, None, None, ("<unk>",)),
    "word-level-split": lambda: tokenizer(word_level(), {"type": "WhitespaceSplit"}, {"type": "Strip", "strip_left": True, "strip_right": True}, {"type": "Fuse"}, None, ("<unk>",)),
    "bpe-word-ends": lambda: tokenizer(suffixed_bpe(), {"type": "Whitespace"}, {"type": "Lowercase"}, {"type": "BPEDecoder", "suffix": "</w>"}, None, ("<unk>",)),
    "bpe-prefixes": lambda: tokenizer(prefixed_bpe(), {"type": "Whitespace"}, None, PIECES, None, ("<unk>",)),
}


def of_pieces(pre=None, normalizer=None, decoder={"type": "Fuse"}):
    """What a part does by itself, seen through a model that knows bytes and whole pieces."""
    return tokenizer(sp_bpe(ignore_merges=True), pre, normalizer, decoder, None, SP_ADDED)


def cutting(pre):
    """Where a part cuts: pieces without bytes are fused, so that each run of unknown letters is a token."""
    return lambda: tokenizer(sp_bpe(False), pre, None, {"type": "Fuse"}, None, SP_ADDED)


for behavior in ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"):
    for invert in (False, True):
        KINDS[f"split-{behavior.lower()}{'-inverted' if invert else ''}"] = cutting(regex("\\s|[aeiou]+", behavior, invert))
    KINDS[f"punctuation-{behavior.lower()}"] = cutting({"type": "Punctuation", "behavior": behavior})
KINDS["split-text"] = cutting(text_split("a.", "MergedWithNext"))
KINDS["split-empty"] = cutting(regex("x*", "Contiguous"))
KINDS["split-character"] = cutting({"type": "CharDelimiterSplit", "delimiter": "e"})
KINDS["split-length"] = cutting({"type": "FixedLength", "length": 3})
KINDS["split-whitespace"] = cutting({"type": "Whitespace"})
KINDS["split-word"] = cutting(regex("\\b|\\w\\d", "Isolated"))
for name, part in {
    "nfc": {"type": "NFC"}, "nfd": {"type": "NFD"}, "nfkc": {"type": "NFKC"}, "nfkd": {"type": "NFKD"}, "lowercase": {"type": "Lowercase"}, "strip": {"type": "Strip", "strip_left": True, "strip_right": True},
    "strip-left": {"type": "Strip", "strip_left": True, "strip_right": False}, "strip-accents": normalizer_sequence({"type": "NFD"}, {"type": "StripAccents"}), "nmt": {"type": "Nmt"}, "prepend": {"type": "Prepend", "prepend": "a▁"},
    "replace": replace("an", "€"), "replace-pattern": replace_regex("\\p{L}(?=\\d)|\\s+$", "<>"), "precompiled": None, "bert": BERT(strip_accents=True),
}.items():  # fmt: skip
    KINDS[f"normalizer-{name}"] = lambda part=part: of_pieces(None, part or charsmap())
    if name in ("strip", "precompiled", "nmt", "replace"):
        KINDS[f"normalizer-{name}-first"] = lambda part=part: of_pieces(metaspace("first", False), part or charsmap())

os.makedirs(OUT, exist_ok=True)
SHARED = {}


def shared(model):
    """A model whose vocabulary and merges are told by a name in models.json."""
    large = {key: model[key] for key in ("vocab", "merges") if key in model}
    name = SHARED.setdefault(json.dumps(large), f"model-{len(SHARED)}")
    return {**model, **{key: name for key in large}}


json.dump(SHOWN, open(os.path.join(OUT, "texts.json"), "w"), ensure_ascii=True)
for kind, make in KINDS.items():
    spec = make()
    made = Tokenizer.from_str(json.dumps(spec))
    ids = [made.encode(text, add_special_tokens=False).ids for text in SHOWN]
    decoded = [made.decode(one) for one in ids]
    size = made.get_vocab_size()
    draw = random.Random(11)
    lists = [[draw.randrange(size + 2) for _ in range(draw.randint(0, 14))] for _ in range(6 if SMALL else 300)]
    entry = {
        "tokenizer": {**spec, "model": shared(spec["model"])},
        "ids": ids,
        "decoded": {i: text for i, text in enumerate(decoded) if text != SHOWN[i]},
        "lists": [[one, made.decode(one)] for one in lists],
    }
    if spec["post_processor"] is not None:
        entry["prompts"] = [made.encode(text).ids for text in (SHOWN[:6] if SMALL else SHOWN)]
    json.dump(entry, open(os.path.join(OUT, kind + ".json"), "w"), ensure_ascii=True, separators=(",", ":"))
json.dump({name: json.loads(model) for model, name in SHARED.items()}, open(os.path.join(OUT, "models.json"), "w"), separators=(",", ":"))
print(len(KINDS), "kinds,", len(SHOWN), "texts")
