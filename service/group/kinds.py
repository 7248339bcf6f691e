"""What sort of article a report is, by how its headline and address are written.

A round-up, a live blog and an opinion piece speak of several events, or of none: they are told like any
match, but their words never become part of an event, so that they cannot glue two together.
"""

from __future__ import annotations

import re
from enum import StrEnum

_LIVE = (
    r"live (?:updates?|blog|coverage|ticker|results)|as it happened|minuto a minuto|en (?:vivo|directo)\b"
    r"|(?:ao|sigue?a? (?:en|ao)) vivo\b|em tempo real|minuto a minuto|tiempo real|滚动更新|直播|即时更新"
)
_ROUNDUP = (
    r"(?:morning|evening|daily|weekly|news|midday) (?:briefing|brief|digest|round-?up|newsletter|wrap)"
    r"|week in review|the week in\b|news in brief|top stories|(?:the )?headlines(?: of the day)?\s*[:|]"
    r"|(?:principais|principales) (?:noticias|notícias|titulares|manchetes)"
    r"|(?:noticias|notícias|titulares|manchetes|destaques|claves|portadas|tapas)"
    r" (?:del d[ií]a|do dia|de hoy|de hoje|de la semana|da semana)"
    r"|resumen (?:del d[ií]a|de noticias|semanal|informativo)"
    r"|resumo (?:do dia|da semana|de notícias)|bolet[ií]n (?:de noticias|informativo|diario)|giro da semana"
    r"|(?:5|10|cinco|diez|dez) (?:noticias|notícias|cosas|coisas) |今日要闻|新闻摘要|一周要闻|早报|晚报"
)
_OPINION = (
    r"^\s*(?:opinion|opinión|opinião|editorial|columna|coluna|an[áa]lisis|análise|analysis|comment(?:ary)?|op-ed|letters?|cartas?"
    r"|tribuna|entrevista|interview|blog|podcast|评论|观点|社论)\s*[:|·–—-]"
    r"|[|·–—-]\s*(?:opinion|opinión|opinião|editorial|columna|coluna|an[áa]lisis|análise|analysis|commentary|podcast|评论|观点)\s*$"
)
# One of these is in whatever the pattern below finds, and most headlines have none of them.
MARKS = (
    "live ", "as it ", "minuto a", "vivo", "directo", "tempo real", "tiempo real", "滚动更新", "直播",
    "即时更新", "brief", "digest", "round", "newsletter", "wrap", "week in", "top stories", "headlines",
    "noticias", "notícias", "titulares", "manchetes", "destaques", "claves", "portadas", "tapas", "resum",
    "bolet", "giro da", "cosas", "coisas", "要闻", "新闻摘要", "早报", "晚报", ":", "|", "·", "-", "–", "—",
)  # fmt: skip
_OPINION_ADDRESS = re.compile(
    r"/(?:opinion|opinions|opiniao|opinión|columnas?|columnistas?|colunas?|colunistas?|editorial(?:es)?|comment(?:isfree)?"
    r"|blogs?|tribuna)(?:/|$)",
)
# Looks at folded text: a pattern that ignores case by itself takes three times as long.
BY_HEADLINE = re.compile(f"(?P<live>{_LIVE})|(?P<roundup>{_ROUNDUP})|(?P<opinion>{_OPINION})")


class ArticleKind(StrEnum):
    """What an article is; only NEWS becomes part of what an event says."""

    NEWS = "news"
    LIVE = "live"
    ROUNDUP = "roundup"
    OPINION = "opinion"


def kind_of(title: str, url: str) -> ArticleKind:
    """Tell a round-up, a live blog and an opinion piece from news."""
    folded = title.casefold()
    found = BY_HEADLINE.search(folded) if any(map(folded.__contains__, MARKS)) else None
    if found and found.lastgroup:
        return ArticleKind(found.lastgroup)
    return ArticleKind.OPINION if _OPINION_ADDRESS.search(url.casefold()) else ArticleKind.NEWS
