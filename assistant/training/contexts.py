"""Sentences of our own that teach when a harsh word is harmless: quoted, denounced, in a game, at
the doctor's, in a name, among friends; and when the same word is not.

None shares a pattern with the sentences of ``hard_cases``, which measure.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from assistant.models.heads import CATEGORIES
from assistant.training.datasets import Text

EACH = 300  # sentences of a context, all different


@dataclass(frozen=True, slots=True)
class Context:
    """Patterns, the words that fill them, and the scores that the sentences get."""

    patterns: tuple[str, ...]
    words: tuple[str, ...]
    scores: Mapping[str, float]


CLEAN = dict.fromkeys(CATEGORIES, 0.0)
RUDE = {name: 0.0 for name in CATEGORIES if name not in {"profanity", "sexually_explicit"}}
INSULTING = {"toxicity": 1.0, "insult": 1.0, "spam": 0.0}
THREATENING = {"toxicity": 1.0, "threat": 1.0, "spam": 0.0}

INSULTS = (
    "idiot", "moron", "loser", "stupid", "pig", "scum", "bitch", "whore", "fat cow", "retard",
    "clown", "dumbass", "slut", "freak", "worthless trash", "faggot", "coward", "ugly witch",
    "piece of garbage", "disgusting rat", "terrorist", "savage", "vermin", "lazy bum",
)  # fmt: skip
QUOTED = (
    "A stranger shouted “{}” at my sister, and we are still shaken.",
    "Words like {} should not be heard in any classroom.",
    "It took me years to get over being called {} by my own father.",
    "The moderator removed a post in which somebody had been called {}.",
    "My grandson came home in tears because the others had called him {}.",
    "Our teacher explained why the word {} is hurtful.",
    "He got a warning for typing “{}” in the chat, and rightly so.",
    "The letter to the editor calls the nurses {}. What a sad thing to print.",
    "Does anybody know how to report an account that keeps writing “{}” to women?",
    "Whoever wrote {} on the bus stop: somebody's child has to read that.",
    "According to the witness, the accused yelled “{}” before he left.",
    "I apologised to her today, because years ago I called her {}.",
    "A survey of players found that one in four had been called {} last month.",
    "We do not call anyone {} in this group. Please read the rules.",
    "The character in chapter three is mocked as {}, and the book takes his side.",
    "The radio host was sacked after he said {} about a guest.",
    "“{}”, they wrote under her obituary. I have no words.",
    "Why do people think it is fine to say {} to a cashier?",
    "When I hear somebody being called {}, I speak up.",
    "Being insulted as {} day after day makes children ill, says the new study.",
)
ATTACKS = (
    "kill", "shoot", "stab", "destroy", "burn", "murder", "slaughter", "crush", "bomb", "snipe",
    "behead", "poison", "smash", "drown", "blow up", "strangle", "execute", "wipe out",
)  # fmt: skip
GAMES = (
    "Wait for the shield to drop and then {} the robot.",
    "Which weapon is best if I want to {} the ogres in the swamp?",
    "Our guild managed to {} the giant on the second try.",
    "You get a medal if you {} fifty skeletons.",
    "In the tutorial they make you {} a training dummy.",
    "Can I {} the bandit leader without losing the quest?",
    "The bot will {} you at once if you stand in the open.",
    "They {} our scout every single match, the balance is off.",
    "My strategy: hide in the bush and {} their archers.",
    "New patch: druids can no longer {} wolves from a distance.",
    "First {} the turrets, then get the flag.",
    "I always let my brother {} the last monster.",
    "The achievement is called “{} everything that moves”.",
    "He streamed for ten hours just to {} one werewolf.",
    "If the cannibals reach the camp, {} them with fire.",
    "Good luck tonight, we are going to {} your team in the semi-final!",
    "The best raid ever: forty of us tried to {} the ice queen.",
    "You can {} a pawn with the bishop here.",
)
BODY = (
    "penis", "vagina", "anus", "breast", "testicle", "nipple", "rectum", "uterus", "scrotum",
    "vulva", "prostate", "buttock", "cervix", "foreskin", "clitoris", "bowel",
)  # fmt: skip
MEDICAL = (
    "There is a small lump on my {}, which doctor should I see?",
    "The surgeon explained how the {} heals after the operation.",
    "Pain in the {} can have many harmless causes.",
    "An ultrasound of the {} takes about ten minutes.",
    "My grandfather was treated for cancer of the {}.",
    "The textbook has a clear drawing of the {} on page forty.",
    "Should a rash on the {} be treated with cream?",
    "Infections of the {} are more common in summer.",
    "The midwife asked whether my {} still hurt.",
    "Since the accident I have had no feeling in my {}.",
    "In the exam I had to label the {} and its nerves.",
    "He was born with a malformed {} and had surgery as a baby.",
    "A biopsy of the {} was taken this morning.",
    "How do I talk to my daughter about her {} and puberty?",
    "The pharmacist recommended an ointment for an itchy {}.",
)
NAMES = (
    "Dick", "Fanny", "Cox", "Hancock", "Dikshit", "Kum", "Gaye", "Phuong", "Bich Ngoc", "Wang",
    "Lipschitz", "Butts", "Hore", "Sexton", "Peacock", "Hitchcock", "Bastardi", "Fuchs", "Focker",
    "Nazim", "Jihad", "Slaughter", "Killer Mike", "Manslaughter Creek", "Bitche", "Shitterton",
    "Clitheroe", "Twatt", "Dickson", "Analucia",
)  # fmt: skip
NAMED = (
    "Please forward this to {} before noon.",
    "{} was elected to the board last spring.",
    "I grew up two streets away from {}.",
    "The interview with {} starts at minute twelve.",
    "{} scored twice and left the field to applause.",
    "Does anybody have a photo of {} from the reunion?",
    "Thanks to {} for fixing the printer.",
    "I have never been to {}, is it pretty there?",
    "My teacher's name was {}, and nobody laughed after the first week.",
    "The new album by {} is out on Friday.",
    "We named our parrot {}.",
    "According to {}, the bridge will open in June.",
    "The bus to {} leaves from platform four.",
    "{} and I shared a desk for six years.",
)
SWEARING = (
    "shit", "damn", "fuck", "hell", "crap", "fucking", "bloody hell", "bullshit", "badass", "ass",
)  # fmt: skip
FRIENDLY = (
    "{}, I can't believe that we won!",
    "Oh {}, I left the oven on.",
    "What a beautiful {} day to be alive.",
    "{} yeah, see you all on Friday!",
    "This cake is so {} good.",
    "I laughed my {} off, thank you for this video.",
    "{}! My train leaves in five minutes.",
    "Nobody gives a {} about the weather when the band plays like that.",
    "You guys are the {} best.",
    "I was scared as {} on that rollercoaster and loved it.",
)
FONDLY = (
    "You adorable {}, come here and give me a hug.",
    "I am a complete {} when it comes to maps.",
    "Happy birthday to my favourite {}, love you to bits!",
    "Felt like such a {} when I waved at the wrong person.",
    "My husband is a {} and I would marry him again tomorrow.",
    "Who else is {} enough to run in this rain with me?",
    "Guess which {} forgot her passport? Me.",
    "We call our dog {}, because he barks at the moon.",
)
FOND = ("idiot", "moron", "loser", "dork", "weirdo", "fool", "dumbass", "nerd", "clown", "freak")
ABUSE = (
    "You are a {}.",
    "Shut up, {}.",
    "Nobody asked you, {}.",
    "Go away you {}",
    "what a {} you are, delete your account",
    "Only a {} like you would post this.",
    "your mother is a {} and so are you",
    "Look at this {} trying to be funny.",
    "I hope you lose your job, {}.",
    "typical {}, can't even spell",
)
THREATS = (
    "I will {} you.",
    "Somebody should {} you and your family.",
    "I know where you live and I am going to {} you.",
    "Say that again and we will {} you, I mean it.",
    "People like her deserve it, let's {} them all.",
    "watch your back, I'll {} your kids",
)
SETS = (
    Context(QUOTED, INSULTS, RUDE),
    Context(GAMES, ATTACKS, CLEAN),
    Context(MEDICAL, BODY, CLEAN),
    Context(NAMED, NAMES, CLEAN),
    Context(FRIENDLY, SWEARING, RUDE),
    Context(FONDLY, FOND, RUDE),
    Context(ABUSE, INSULTS, INSULTING),
    Context(THREATS, ATTACKS, THREATENING),
)


def sentences(seed: int) -> list[Text]:
    """Return at most ``EACH`` sentences of every set, drawn with ``seed``."""
    chance = random.Random(seed)
    made = []
    for context in SETS:
        found = [_filled(pattern, word) for pattern in context.patterns for word in context.words]
        chance.shuffle(found)
        made += [Text(sentence, context.scores) for sentence in found[:EACH]]
    return made


def _filled(pattern: str, word: str) -> str:
    sentence = pattern.format(word)
    return sentence[0].upper() + sentence[1:] if pattern[0] == "{" else sentence
