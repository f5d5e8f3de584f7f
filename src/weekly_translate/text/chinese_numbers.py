"""Numbers in Chinese text, by value; texts that are alike but for them, and how English writes them."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from weekly_translate.model import Span
from weekly_translate.text.characters import lazy_pattern, tokens_of, with_replaced
from weekly_translate.text.numbers import (
    DAY,
    FIGURE,
    FIGURE_ALONE,
    FIGURE_ENDS,
    ISO_DATE,
    LEFT,
    MONTH,
    MONTHS,
    NAME,
    PIECE,
    VERSION,
    Quantity,
    QuantityKind,
    clock,
    date_parts,
    date_value,
    decade,
    digits_in_name,
    english_quantities,
    figure,
    is_price,
    iso_date,
    nines,
    numbers_in,
    percent,
    piece,
    share,
    shares,
    soft,
    version,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_DIGITS = {glyph: value for value, glyph in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"亿": 10**8, "万": 10**4}
_LATIN = {"k": 10**3, "w": 10**4, "m": 10**6, "b": 10**9, "t": 10**12}
_TOKEN = lazy_pattern("(.?)([十百千])|(.)")
_VAGUE = ("几", "数", "上", "成")
_COUNTED = frozenset("一二三四五六七八九两十")
_SCALE = (
    r"亿亿|[十百千][多余]?万亿|[十百千万][多余]?亿|[十百千][多余]?万|万亿|[亿万百]|千(?!比特|字节|[瓦克米卡赫伏牛帕])"
    r"|[kKwWMBT](?![A-Za-z0-9])"
)
_HALVED = "分颗张斤杯"
"""Measures that are read only before 半."""
_MEASURE = (
    rf"(?P<measure>[个种款条项位年天周次行篇章节类组名本台岁步层秒]|小时|分钟|[{_HALVED}](?=半)|期(?!间))"
)
_ONES = "[一二三四五六七八九]"
_NOT = "[不勿未别没](?:[得应能可要宜会该许准]|应该|可以|能够|允许)?"
_MORE, _LESS = "超过|高于|大于|多于", "少于|低于|小于"
_BEFORE = rf"(?:{_NOT})?(?:{_MORE}|{_LESS})|大约|将近|接近|至少|不下于?|不到|不足|未满|最多|至多|近|约|超|逾"
_PARTS_OF_DAY = (
    dict.fromkeys(("凌晨", "清晨", "早上", "早晨", "上午", "早"), "am")
    | dict.fromkeys(("中午", "午后", "下午", "傍晚"), "pm")
    | dict.fromkeys(("晚上", "今晚", "半夜", "深夜", "夜里", "晚"), "night")
)
_CHANGE = dict.fromkeys("毛角", Decimal("0.1")) | {"分": Decimal("0.01")}
"""In yuan, what is counted in smaller coins: 三毛五."""
_PAST = {"": 0, "半": 30, "一刻": 15, "三刻": 45}
_EVENING = 5
"""From this hour on until midnight it is no longer the middle of the night."""
_QUANTITY = lazy_pattern(
    rf"""
      (?P<iso>{ISO_DATE})
    | (?P<version>{VERSION})
    | (?P<decade>(?<![0-9.])(?:(?P<century>[12]?[0-9]|[一二]?十[一二三四五六七八九]?)\ ?世纪\ ?)?
        (?:(?P<former>{_ONES}(?={_ONES}十))?(?P<first>(?:19|20)?[1-9]0|{_ONES}十)\ ?年代
          |(?P<born>[05-9]0|[零一五六七八九][零〇])\ ?后))
    | (?P<time>(?P<part>(?:{"|".join(_PARTS_OF_DAY)})\ ?)?
        (?<![0-9.])(?<![0-9]:)(?:(?P<hour>[01]?[0-9]|2[0-4]):(?P<minute>[0-5][0-9])(?![0-9:])
          |(?P<oclock>[01]?[0-9]|2[0-4]|[一二两三四五六七八九]|十[一二]?)\ ?[点时]
            (?:(?P<past>半|[一三]刻
                |(?:\ ?[0-5]?[0-9]\ ?|[二三四五]?十{_ONES}?|{_ONES})分(?![析别之成为开类工]))
              |钟|整|(?(part)|(?!)))
            (?:\ ?[到至~-]\ ?(?P<until>1?[0-9]|两|{_ONES}|十[一二]?)\ ?[点时](?!\ ?[半一三0-9]))?))
    | (?P<vague>百分之\ ?(?:[零〇一二三四五六七八九十]*点)?[几数])
    | (?:(?:{_BEFORE})了?\ ?)?(?:
      (?P<fraction>(?!百分之)(?P<below>[二三四五六七八九十百千万]{{1,3}}|[0-9]{{1,4}})\ ?分之\ ?
        (?P<above>[一二三四五六七八九十]{{1,3}}|[0-9]{{1,4}}))
    | (?P<ratio>(?<!第)(?<!第\ )(?P<every>每\ ?)?
        (?P<all>[0-9]{{1,4}}|[一二三四五六七八九十百千]{{1,3}})\ ?[个人名位家款台行次篇本只辆条支张座所艘项]
        [^，。；：、！？\d]{{0,8}}?(?:[里中]面?|(?(every)|(?!)))[就只约至少大概]{{0,3}}有\ ?
        (?P<some>[0-9]{{1,4}}|[一二两三四五六七八九十]{{1,3}})\ ?(?![0-9.%多余几十百千万亿~～–—到至-]))
    | (?P<either>(?P<hundredths>百分之\ ?)?(?P<one>[一二三四五六七八九两])(?P<other>{_ONES}|(?<=一)两)
        (?P<times>[十百千万亿]{{0,2}})(?P<share_of>成)?(?!{_ONES}|[零〇点折]))
    | (?P<doubled>翻了?(?:倍|\ ?(?P<doublings>[一两二三四1-4]?)\ ?番))
    | (?P<nines>(?P<count>[2-6二三四五六])\ ?个\ ?[9九](?=\ ?(?:[的可以]|[^\w%.\s]|\Z)))
    | (?P<half>一半|半数|减半|半价))
    | (?P<piece>{PIECE})
    | (?P<date>(?<![0-9.])(?:(?P<year>(?:19|20)[0-9]{{2}})\ ?年\ ?度?
        (?:(?P<month>{MONTH})\ ?月(?:份|\ ?(?P<day>{DAY})\ ?[日号])?)?
      | (?P<month_only>{MONTH})\ ?月(?:份|\ ?(?P<day_only>{DAY})\ ?[日号])?))
    | (?P<name>{NAME})
    | (?P<amount>
        (?P<before>(?:{_BEFORE})了?\ ?)?(?P<nth>第\ ?)?(?P<share>百分(?:之\ ?|(?=百)))?
        (?:(?P<figure>{FIGURE}){FIGURE_ENDS}
            (?:\ ?(?P<odd>[多余])?\ ?(?P<scale>{_SCALE})
              (?P<rest>(?:\ ?零?\ ?(?:{FIGURE}|两|{_ONES})\ ?[万千百]万?)*
                (?:(?<=[万亿])[0-9]{{3,4}}(?!\.?[0-9])
                |\ ?(?P<tenth>[1-9])(?=[，。、；！？元块;!?]|,(?![0-9])|\Z))?))?
          |(?P<numeral>[零〇一二三四五六七八九十百千万亿两]{{1,24}}(?:点[零一二三四五六七八九]{{1,9}}[万亿]{{0,2}})?
            (?:[多余](?=[万亿])[万亿]{{1,3}})?))
        (?P<after>\+(?![0-9])|\ ?[多余](?![久少么语地数])|\ ?来(?=[个万人年岁]))?
        (?:\ ?(?P<percent>[%‰]|ppm(?![A-Za-z])|个百分点)|\ ?(?P<multiple>倍|[xX×](?![A-Za-z0-9]))
            |\ ?(?P<tenths>成(?:半|{_ONES})?(?!员(?!工)|[不为本功立果熟长型就分绩语品都对])|折(?![叠中腾射]))
            |\ ?(?P<whole>[米块毛角]|分(?=\ ?(?:[0-9]|{_ONES})\ ?厘))\ ?
                (?P<decimals>[0-9]{{1,2}}|{_ONES}[毛角]?{_ONES}?|零{_ONES}(?=分))\ ?[毛角分厘]?
                (?=\ ?[的包钱到至左以涨升降跌长宽高深厚，。、；！？;!?]|,(?![0-9])
                    |一(?!{_ONES}|[零点十百千万])\w|\Z)
            |\ ?(?P<coin>毛(?![利病])|[角分](?=钱)|个?基点)|\ ?{_MEASURE})?
        (?P<and_half>(?:(?<=[个倍])|(?<=[年天周月岁层步次篇章{_HALVED}])(?![半]价|半[个小天年月]))半)?
        (?P<or_so>\ ?及?(?:以上|左右|上下(?!文)|以内|以下|之内))?
      )
    """,
    re.VERBOSE,
)
_SIDES = (
    dict.fromkeys((*_MORE.split("|"), "至少", "不下", "不下于", "超", "逾", "以上"), "over")
    | dict.fromkeys(("将近", "接近", "近"), "nearly")
    | dict.fromkeys(
        (*_LESS.split("|"), "不到", "不足", "未满", "最多", "至多", "以内", "以下", "之内"), "under"
    )
)
_DENIED = lazy_pattern(rf"{_NOT}(?:({_MORE})|{_LESS})")
"""`不得超过 30` is a bound from above, `不少于` one from below."""
_ALWAYS = lazy_pattern(
    "(?:7 ?[x×*] ?)?24 ?小时|7 ?[x×*] ?24|365 ?天|[157] ?号干?电池|618"
    "(?! ?[0-9.,%万亿千百元块个条种人天年月次页行本件篇家款只位名台分秒米])"
)
"""What English also says in words: around the clock, all year, an AA battery, the mid-year sale."""
_EACH = lazy_pattern(r"每[^，。；：、！？\d]{0,6}1(?![\d.,]|\ ?[万千百亿kKwW])")
"""每升高 1 度 is "per degree"."""
_FAR = lazy_pattern(r"(至少|最多|至多)[^，。；：、！？\d]{1,6}\Z")
"""`至少能节省 3 成`."""
_FIGURATIVE = ("一百", "一千", "一万", "十万八千")
"""As many as one likes: 一千个读者, 差了十万八千里."""
_GROWS = lazy_pattern(r"[增涨升高扩快多大长贵重翻]\S{0,2} ?\Z")
"""增加了四倍 is fivefold, strictly read, and mostly meant to be fourfold."""
_FALLS = lazy_pattern(r"(?:[降减跌缩省低]|便宜|(?<!至)少)[^\s到至为成]{0,3} ?\Z")
_GRADES_BEFORE = {"高": 9, "初": 6}
"""高二 is the second year of a school that begins after nine."""
_SPAN = lazy_pattern(r"\ ?(?:年|个月|月|周|天|日|个?小时|期|届|次)")
"""`近 5 年` are the last five years."""


@lru_cache(maxsize=4_096)
def chinese_quantities(text: str) -> tuple[Quantity, ...]:
    """The numbers of a Chinese text in order, names with digits and lone numerals among them.

    Whether a number has to be in the translation is its `demanded`. Spans are those of `text`.
    """
    return numbers_in(text, _QUANTITY, _readings)


def _readings(match: re.Match[str]) -> Iterator[Quantity]:
    """What one match states, and what may be said instead.

    降了六成 leaves 40 %, 5 分钱 are 0.05 yuan, 三毛五 are 35 cents, 高二 is the 11th grade.
    """
    grades = _GRADES_BEFORE.get(match.string[match.start() - 1 : match.start()])
    for one in _reading(match):
        yield one
        if grades and one.kind is QuantityKind.NUMBER:
            yield soft(match, Decimal(one.value) + grades)
        if _FALLS.search(match.string, match.start() - 5, match.start()):
            yield from _left(match, one)
        yuan = one
        if coin := match["coin"]:
            yuan = soft(match, Decimal(one.value) * _CHANGE.get(coin, _CHANGE["分"]))
            yield yuan._replace(kind=QuantityKind.PERCENT) if coin.endswith("点") else yuan
        if (coin or match["whole"]) in _CHANGE:
            yield soft(match, Decimal(yuan.value) * 100)


def _left(match: re.Match[str], fall: Quantity) -> Iterator[Quantity]:
    """What a fall leaves: 便宜一倍 is half the price, 少了三倍 a third or a quarter."""
    if fall.kind is QuantityKind.PERCENT and (rest := 100 - Decimal(fall.value)) > 0:
        yield fall._replace(value=rest, about=LEFT, demanded=False)
    elif fall.kind is QuantityKind.MULTIPLE and fall.value:
        for whole in (Decimal(fall.value), Decimal(fall.value) + 1):
            yield share(match, Decimal(1), whole, demanded=False)


def _reading(match: re.Match[str]) -> Iterator[Quantity]:
    """What one match states; nothing if it only looks like a number."""
    if match["version"]:
        yield version(match)
    elif match["name"]:
        yield from digits_in_name(match)
    elif match["time"]:
        yield from _times(match)
    elif match["decade"]:
        yield from _decades(match)
    elif match["ratio"] or match["half"] or match["fraction"] or match["piece"] or match["nines"]:
        yield from _shares(match)
    elif match["either"] or match["doubled"]:
        yield from _either(match)
    elif not match["vague"]:
        quantity = iso_date(match) if match["iso"] else _date(match) if match["date"] else _amount(match)
        if quantity:
            yield quantity


def _decades(match: re.Match[str]) -> Iterator[Quantity]:
    """`90 年代`, the two of `六七十年代`, and `九零后`, who may be said to be of another name or age."""
    century = (_small(match["century"]) - 1) * 100 if match["century"] else Decimal(0)
    if match["former"]:
        yield decade(match, century + 10 * _DIGITS[match["former"]])
    first = _small(match["first"]) if match["first"] else Decimal(_figures(match["born"]))
    yield decade(match, century + first % 100 if century else first)._replace(demanded=not match["born"])


def _shares(match: re.Match[str]) -> Iterator[Quantity]:
    if match["ratio"]:
        yield from shares(match, _small(match["some"]), _small(match["all"]))
    elif match["half"]:
        yield share(match, Decimal(1), Decimal(2), demanded=False)
    elif match["piece"]:
        yield from piece(match)
    elif match["nines"]:
        yield from nines(match, _small(match["count"]))
    else:
        yield share(match, _small(match["above"]), _small(match["below"]), demanded=True)


def _small(text: str) -> Decimal:
    return Decimal(text) if text.isdecimal() else Decimal(_whole_value(text) or 1)


def _either(match: re.Match[str]) -> Iterator[Quantity]:
    """`三四百`, `七八成`: either may be said, or none; `翻两番` is fourfold."""
    if match["doubled"]:
        times = soft(match, Decimal(2 ** int(_small(match["doublings"] or "一"))))
        yield times._replace(kind=QuantityKind.MULTIPLE)
        return
    for digit in (match["one"], match["other"]):
        value = Decimal(_DIGITS[digit] * _scale_value(match["times"]))
        if match["share_of"] or match["hundredths"]:
            share_of = value * 10 if match["share_of"] else value
            yield soft(match, share_of)._replace(kind=QuantityKind.PERCENT)
        else:
            yield soft(match, value)


def _times(match: re.Match[str]) -> Iterator[Quantity]:
    """A time of day, and a later one in the same half of the day: `凌晨 0 点到 4 点`."""
    first = _time(match)
    yield first
    if match["until"]:
        until = int(_small(match["until"]))
        is_later = int(str(first.value).split(":")[0]) % 12 < until < 12
        yield clock(match, until, 0, first.about if is_later else "")


def _time(match: re.Match[str]) -> Quantity:
    """`19:20`, `晚上八点半`, `凌晨 2 点`; 半夜 is before midnight or after it."""
    if match["hour"]:
        hour, minute = int(match["hour"]), int(match["minute"])
    else:
        past = (match["past"] or "").strip("分 ")
        hour = int(_small(match["oclock"]))
        minute = _PAST[past] if past in _PAST else int(_small(past))
    half = _PARTS_OF_DAY.get((match["part"] or "").strip(), "")
    return clock(match, hour, minute, "am" if half == "night" and hour % 12 < _EVENING else half)


def _date(match: re.Match[str]) -> Quantity:
    """`2024 年 8 月 5 日`, `2024 年`, `8 月 5 日`, `8 月`."""
    year = int(match["year"] or 0)
    month = int(match["month"] or match["month_only"] or 0)
    day = int(match["day"] or match["day_only"] or 0)
    text = match[0].rstrip()
    span = Span(match.start(), match.start() + len(text))
    return Quantity(span, text, QuantityKind.DATE, date_value(year, month, day))


def _amount(match: re.Match[str]) -> Quantity | None:
    """Figures or numerals with their scale and unit."""
    value = _figure_value(match) if match["figure"] else _count(match)
    if value is None:
        return None
    kind = _kind(match)
    if kind is QuantityKind.PERCENT:
        value = percent(match, value)
    if match["tenths"] and value <= 10:
        rest = match["tenths"][1:]
        value = value * 10 + (5 if rest == "半" else _DIGITS.get(rest, 0))
    if kind is QuantityKind.NUMBER and _looks_like_version(match):
        span = Span(*match.span("figure"))
        return Quantity(span, match["figure"], QuantityKind.VERSION, match["figure"])
    end = match.start("measure") if match["measure"] and not match["or_so"] else match.end()
    written = match.string[match.start() : end]
    text = written.strip()
    start = end - len(written.lstrip())
    demanded = not (match["and_half"] or match["coin"]) and _demanded(match, kind)
    value += Decimal("0.5") if match["and_half"] else 0
    if match["decimals"]:
        value += Decimal(f"0.{_figures(re.sub('[毛角]', '', match['decimals']))}")
        value *= _CHANGE.get(match["whole"], 1)
    return Quantity(Span(start, start + len(text)), text, kind, value, _about(match), demanded)


def _figure_value(match: re.Match[str]) -> Decimal:
    """`7.4 万`, `1 亿 2000 万`, `70 多万`, `26k`."""
    value = figure(match["figure"]) * _scale_value(match["scale"] or "")
    for part in re.finditer(rf"({FIGURE}) ?([万千百]?万?)", _figures(match["rest"] or "")):
        value += figure(part[1]) * _scale_value(part[2] or "")
    if match["tenth"]:  # 3 万 8 is 38,000
        value += int(match["tenth"]) * (_scale_value(match["scale"]) // 10 - 1)
    return value


def _count(match: re.Match[str]) -> Decimal | None:
    """The value of the numerals; `八五折` is a row of digits."""
    row = _digit_string_value(match["numeral"]) if match["tenths"] else None
    return _numeral_value(match["numeral"]) if row is None else row


def _kind(match: re.Match[str]) -> QuantityKind:
    if match["share"] or match["percent"]:
        return QuantityKind.PERCENT
    if match["tenths"]:
        return QuantityKind.PERCENT if match["tenths"][0] == "成" else QuantityKind.DISCOUNT
    if match["multiple"]:
        return QuantityKind.MULTIPLE
    return QuantityKind.ORDINAL if match["nth"] else QuantityKind.NUMBER


def _looks_like_version(match: re.Match[str]) -> bool:
    """A figure such as 3.10, or one behind a name: `Python 3.1`."""
    number = match["figure"] or ""
    if "." not in number or match["scale"] or match["measure"] or is_price(match):
        return False
    before = match.string[match.start() - 2 : match.start()]
    return number.endswith("0") or re.fullmatch("[A-Za-z] ", before) is not None


def _about(match: re.Match[str]) -> str:
    """`over`, `nearly`, `under` or `about`, whatever side of the number says so."""
    before, behind = ((match[name] or "").strip(" 了及") for name in ("before", "or_so"))
    if before == "近" and _SPAN.match(
        match.string, match.start("measure") if match["measure"] else match.end()
    ):
        return ""
    if not (before or behind) and (
        far := _FAR.search(match.string, max(0, match.start() - 8), match.start())
    ):
        before = far[1]
    if denied := _DENIED.fullmatch(before):
        before = "以内" if denied[1] else "以上"
    if before in _SIDES or behind in _SIDES:
        return _SIDES.get(before) or _SIDES[behind]
    written = (match["numeral"] or "") + (match["scale"] or "")
    after = (match["after"] or "").strip()
    if match["odd"] or (after and after != "来") or any(glyph in written for glyph in "多余"):
        return "over"
    if match["multiple"] and _GROWS.search(match.string, max(0, match.start() - 4), match.start()):
        return "more by"
    return "about" if before or behind or after else ""


def _demanded(match: re.Match[str], kind: QuantityKind) -> bool:
    """Figures mostly; numerals with both a digit and a scale (`三千万`), or with a unit that counts."""
    is_sale = match.string.endswith(("双", "双 "), 0, match.start())  # 双十一, 双 11
    if is_sale or _ALWAYS.match(match.string, match.start()) or match.string.startswith("进制", match.end()):
        return False
    if match["figure"]:  # 从 0 开始 and 0 基础 are from scratch
        is_each = _EACH.search(match.string, max(0, match.start() - 7), match.end())
        is_counted = match["measure"] or match["scale"] or kind is not QuantityKind.NUMBER
        return not is_each and (match["figure"] != "0" or bool(is_counted))
    numeral = match["numeral"]
    is_vague = match.string.endswith(_VAGUE, 0, match.start("numeral")) and numeral[0] not in _COUNTED - {
        "十"
    }
    if is_vague or numeral in _FIGURATIVE:
        return False  # 几百万倍, 数百, 上万: see `magnitudes`
    if (numeral == "十" and match["after"]) or (numeral == "十一" and not match["measure"]):
        return False  # 十多个: a dozen; 十一: a holiday
    compound = numeral[0] in _COUNTED and any(glyph in _DIGITS for glyph in numeral) and len(numeral) > 1
    if compound or kind in (QuantityKind.PERCENT, QuantityKind.MULTIPLE, QuantityKind.DISCOUNT):
        return numeral != "一"
    return bool(match["measure"]) and kind is QuantityKind.NUMBER and numeral == "十"


# --------------------------------------------------------------------------- the value of numerals


def _scale_value(scale: str) -> int:
    """The factor that 万, 千万, 万亿, k or the w of `2200w` stands for."""
    factor = 1
    for glyph in scale:
        factor *= 1 if glyph in "多余" else _TENS.get(glyph) or _MYRIADS.get(glyph) or _LATIN[glyph.lower()]
    return factor


def _numeral_value(numeral: str) -> Decimal | None:
    """The value of numerals, or nothing for a guess (`三四百`) and for what is no number (`一二`)."""
    whole, _, fraction = re.sub("[多余]", "", numeral).partition("点")
    if len(whole) == 4 and whole.startswith(("一九", "二〇", "二零")):
        return _digit_string_value(whole)
    value = _whole_value(whole)
    if value is None:
        return None
    if not fraction:
        return Decimal(value)
    digits = fraction.rstrip("万亿")
    return Decimal(f"{value}.{_figures(digits)}") * _scale_value(fraction[len(digits) :])


def _digit_string_value(digits: str) -> Decimal | None:
    """`二〇二四` is 2024; nothing if it is no plain row of digits."""
    return Decimal(_figures(digits)) if all(glyph in _DIGITS for glyph in digits) else None


def _figures(digits: str) -> str:
    return "".join(str(_DIGITS.get(glyph, glyph)) for glyph in digits)


def _whole_value(numeral: str) -> int | None:
    """What stands before 亿 and before 万 is counted by the unit, the rest by tens."""
    for unit, value in _MYRIADS.items():
        before, sign, after = numeral.rpartition(unit)
        if sign:
            count, rest = (_whole_value(before) if before else 1), _rest_value(after, value)
            return None if count is None or rest is None else count * value + rest
    return _below_myriad(numeral)


def _rest_value(rest: str, unit: int) -> int | None:
    """What follows 亿 or 万; a lone digit is a tenth of the unit: `一万五` is 15,000."""
    if not rest:
        return 0
    return _DIGITS[rest] * unit // 10 if rest in _DIGITS else _whole_value(rest)


def _below_myriad(numeral: str) -> int | None:
    """`一百二十三`, `十二`, `三百六` (360), `三百零六`."""
    total, unit, zero = 0, 10, False
    for token in _TOKEN.finditer(numeral.replace("〇", "零")):
        digit, tens, alone = token.groups()
        if tens:
            unit = _TENS[tens]
            total += _DIGITS.get(digit, 1) * unit if digit != "零" else unit
        elif alone == "零":
            zero = True
        elif token.end() < len(numeral):
            return None
        else:
            total += _DIGITS[alone] * (1 if zero else unit // 10)
    return total


# --------------------------------------------------------------------------- alike but for numbers

_REPLACED = {QuantityKind.NUMBER, QuantityKind.ORDINAL, QuantityKind.PERCENT, QuantityKind.MULTIPLE}
"""A date or a version is part of what a text says: another one makes another text."""
_ENDING = lazy_pattern(r"(?<=[0-9])(?:st|nd|rd|th)\b")
_HOLE = "\x01"
_LARGE = ((Decimal(10) ** 12, "trillion"), (Decimal(10) ** 9, "billion"), (Decimal(10) ** 6, "million"))


@lru_cache(maxsize=10_000)
def template_of(source: str) -> str:
    """The Chinese text with a hole for each number; nothing where it states none.

    Two texts of one template differ in the values of their numbers only.
    """
    numbers = _numbers_in(source, chinese_quantities)
    holes = [(*number.span, f"{_HOLE}{number.kind} {number.about}{_HOLE}") for number in numbers]
    return with_replaced(source, holes) if holes else ""


def refilled(source: str, target: str, wanted: str) -> str | None:
    """The target of `source` with the numbers of `wanted`, a text of the same template.

    None where a number cannot be carried over without doubt: it stands in words, with a magnitude or more
    than once with different new values, or one of something becomes many.
    """
    before, after = (_numbers_in(text, chinese_quantities) for text in (source, wanted))
    if len(before) != len(after):
        return None
    changes: dict[Decimal | str, Quantity] = {}
    for old, new in zip(before, after, strict=True):
        if changes.setdefault(old.value, new).value != new.value:
            return None
    there = _numbers_in(target, english_quantities)
    if Counter(one.value for one in there) != Counter(one.value for one in before):
        return None
    written = ((old.span, _written(old, changes[old.value])) for old in there)
    texts = [(*span, text) for span, text in written if text is not None]
    return with_replaced(target, texts) if len(texts) == len(there) else None


def _written(old: Quantity, new: Quantity) -> str | None:
    """A number in the place and style of another: `#12` → `#13`, `12th` → `21st`, `30%` → `7.5%`."""
    if old.value == new.value:
        return old.text
    figures = FIGURE_ALONE.findall(old.text)
    if len(figures) != 1 or figure(figures[0]) != old.value:
        return None
    if old.kind is QuantityKind.NUMBER and (1 in (old.value, new.value)):
        return None  # 1 article, 2 articles
    bare = in_english(new._replace(kind=old.kind, about="", text=""))
    (wanted,) = FIGURE_ALONE.findall(bare) or ("",)
    if not wanted or figure(wanted) != new.value:
        return None  # 3 million, where figures stood
    if "," not in figures[0] and figure(figures[0]) >= 1_000:
        wanted = wanted.replace(",", "")
    text = old.text.replace(figures[0], wanted)
    return _ENDING.sub(bare.removeprefix(wanted), text) if _ENDING.search(text) else text


def in_english(quantity: Quantity) -> str:
    """The quantity as English writes it: `74,000`, `over 1.7 billion`, `30%`, `3x`, `August 5, 2024`."""
    if quantity.kind is QuantityKind.DATE:
        iso = quantity.text.isascii() and "-" in quantity.text
        return quantity.text if iso else _date_in_english(str(quantity.value))
    if quantity.kind is QuantityKind.TIME:
        return str(quantity.value)
    if not isinstance(quantity.value, Decimal):
        return quantity.text
    return f"{quantity.about.removeprefix('more by')} {_signed(quantity)}".lstrip()


def _signed(quantity: Quantity) -> str:
    """The bare value with its sign: `30%`, `3x`, `7th`, `15% off`, `1990s`."""
    value = Decimal(quantity.value)
    if quantity.kind is QuantityKind.ORDINAL:
        ending = {1: "st", 2: "nd", 3: "rd"}.get(int(value) % 10, "th")
        return f"{plain(value)}{'th' if int(value) % 100 in (11, 12, 13) else ending}"
    if quantity.kind in _SIGNS:
        return _SIGNS[quantity.kind](value)
    if FIGURE_ALONE.fullmatch(quantity.text) and figure(quantity.text) == value:
        return quantity.text
    return _number(value)


def _number(value: Decimal) -> str:
    """`74,000`, `1.7 billion`: a large value in words when that takes at most three digits."""
    for unit, name in _LARGE:
        if value >= unit:
            share = value / unit
            if len(share.normalize().as_tuple().digits) <= 3:
                return f"{plain(share)} {name}"
    return plain(value)


def plain(value: Decimal) -> str:
    """The value with thousands separators and without trailing zeros."""
    return f"{value:,f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:,f}"


_SIGNS: dict[QuantityKind, Callable[[Decimal], str]] = {
    QuantityKind.PERCENT: lambda value: f"{plain(value)}%",
    QuantityKind.DISCOUNT: lambda value: f"{plain(100 - value)}% off",
    QuantityKind.MULTIPLE: lambda value: f"{_number(value)}x",
    QuantityKind.DECADE: lambda value: f"{value}s",
}


def _date_in_english(value: str) -> str:
    """`August 5, 2024`, `August 2024`, `August 5`, `August`, `2024`."""
    year, month, day = date_parts(value)
    words = [MONTHS[month - 1]] if month else []
    if day:
        words.append(f"{day}," if year else str(day))
    return " ".join([*words, str(year)] if year else words)


def _numbers_in(text: str, quantities: Callable[[str], tuple[Quantity, ...]]) -> list[Quantity]:
    """The numbers that have to be in a translation, but for those in tags and in code."""
    taken = list(_tags_and_code(text))
    return [
        quantity
        for quantity in quantities(text)
        if quantity.demanded
        and quantity.kind in _REPLACED
        and not any(start < quantity.span.end and quantity.span.start < end for start, end in taken)
    ]


def _tags_and_code(text: str) -> Iterable[tuple[int, int]]:
    position, code, begun = 0, "", 0
    for token in tokens_of(text):
        end = position + len(token.text)
        if token.name and not code:
            yield position, end
        if "c" in token.name and not token.alone:
            if token.closes and token.name == code:
                yield begun, end
                code = ""
            elif not code:
                code, begun = token.name, position
        position = end
