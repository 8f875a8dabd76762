"""Harmless sentences about groups of people, for a comment must not look toxic for whom it names.

The sentences below are our own. Those that teach share no pattern with those that measure.
``balanced`` makes more from real comments.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from assistant.models.moderator import Moderator
from assistant.moderation.policy import Policy, standard
from assistant.training.datasets import Text
from assistant.training.hard_cases import Held, held
from assistant.training.moderation_baselines import Method

TERMS = (
    "Muslim",
    "Jewish",
    "Christian",
    "Hindu",
    "Buddhist",
    "atheist",
    "gay",
    "lesbian",
    "bisexual",
    "transgender",
    "queer",
    "straight",
    "Black",
    "white",
    "Asian",
    "Latino",
    "African",
    "Arab",
    "Mexican",
    "Chinese",
    "Indian",
    "American",
    "immigrant",
    "refugee",
    "female",
    "male",
    "deaf",
    "blind",
    "disabled",
    "autistic",
    "elderly",
    "young",
)
TEACHING = (
    "I am proud to be {}.",
    "She married a {} man last summer and they seem very happy.",
    "There is a {} bakery around the corner with wonderful bread.",
    "We interviewed forty {} voters about the new tax law.",
    "As a {} woman I found this documentary moving.",
    "My son's teacher is {} and all the children adore her.",
    "Three {} students won the robotics prize this year.",
    "The museum opens an exhibition of {} art on Friday.",
    "Is there a {} support group in this town?",
    "{} people deserve the same respect as everybody else.",
    "How many {} families live in your street?",
    "The article says that {} workers are paid less for the same job.",
    "It is wrong to insult a person for being {}.",
    "Attacks on {} people have increased, the report warns.",
    "Please stop making jokes about {} people.",
    "Nobody should lose a flat because they are {}.",
    "Growing up {} in a small village taught me patience.",
    "Her parents did not mind that her boyfriend was {}.",
    "Can anyone recommend a good {} podcast?",
    "Let's ask the {} students what they think.",
    "I never knew that the singer was {}.",
    "We are a {} family of five and love camping.",
    "Thanks to the {} volunteers who cleaned the beach.",
    "Why are there so few {} characters in these books?",
    "The new law protects {} employees.",
    "An old {} gentleman taught me to play the violin.",
    "They are {}. So what?",
    "You don't have to be {} to enjoy this festival.",
    "My grandmother was {} and she baked the best pies.",
    "The team has two {} players and a coach from Spain.",
    "Congratulations to the first {} mayor of our town!",
    "I disagree with the {} candidate about parking fees.",
    "Many of my {} classmates went on to study medicine.",
    "The hospital looks for {} nurses to work at night.",
    "This restaurant is popular with {} tourists.",
    "He wears the badge because he is proud of his {} roots.",
    "What do {} people think about the new train line?",
    "If you are {}, this study would like to hear from you.",
    "The {} man next to me shared his umbrella.",
    "She does not talk much about being {}.",
)
MEASURING = (
    "My new neighbour is {}.",
    "Two {} friends of mine are moving to Leeds.",
    "I read a novel by a {} author on the train.",
    "Our doctor is a {} woman who listens well.",
    "He grew up in a {} household near the coast.",
    "The {} community invited everyone to the street fair.",
    "Do you know any {} musicians who play jazz?",
    "A {} colleague explained the recipe to me.",
    "The city council has its first {} member.",
    "Many {} customers asked for longer opening hours.",
    "I think the main character is {}.",
    "The survey asked {} readers what they had for breakfast.",
    "What holidays do {} people celebrate in autumn?",
    "She wrote her thesis on {} history.",
    "Some {} teenagers were playing chess in the park.",
    "Being {} has never been a problem at this office.",
    "You should talk to other {} parents about it.",
    "The film follows a {} couple on a journey to Norway.",
    "He said that he is {}, and nobody was surprised.",
    "That was a {} man who helped me carry the boxes.",
)


NAMED = re.compile(rf"\b({'|'.join(TERMS)})\b", re.IGNORECASE)


def teaching_sentences() -> list[str]:
    """Return the harmless sentences to train on."""
    return [template.format(term) for template in TEACHING for term in TERMS]


def balanced(texts: Sequence[Text], seed: int) -> list[Text]:
    """Return harmless texts that make up for what is said of each group.

    In real comments most that name a group such as "gay" are toxic, and a model takes the name
    for the harm. So harmless texts that name one group are given back with the name of another,
    until ``texts`` and these name each group in as many harmless texts as toxic ones.
    """
    chance = random.Random(seed)
    harmless = []
    lacking: Counter[str] = Counter()
    for text in texts:
        found = {match.lower() for match in NAMED.findall(text.text)}
        toxic = text.scores.get("toxicity", 0.5)
        lacking.update(dict.fromkeys(found, 1 if toxic > 0.5 else -1 if toxic < 0.5 else 0))
        if found and toxic == 0.0 and not text.marks:
            harmless.append(text)
    made = []
    for term in TERMS:
        others = [text for text in harmless if not re.search(rf"(?i)\b{term}\b", text.text)]
        chance.shuffle(others)
        made += [_about(term, text) for text in others[: max(0, lacking[term.lower()])]]
    return made


def _about(term: str, text: Text) -> Text:
    return replace(text, text=NAMED.sub(term, text.text))


def false_alarms(model: Moderator) -> dict[str, float]:
    """Return term → share of the measuring sentences with it that are not allowed.

    Measured with the thresholds that the model brings.
    """
    shares = naming(model, standard(model.thresholds, model.experimental))
    return {term: share.held for term, share in shares.items()}


def naming(method: Method, policy: Policy) -> dict[str, Held]:
    """Return term → what the policy makes of the measuring sentences with it, all harmless."""
    shares = {}
    for term in TERMS:
        texts = [template.format(term) for template in MEASURING]
        shares[term] = held(policy, texts, method.score(texts))
    return shares
