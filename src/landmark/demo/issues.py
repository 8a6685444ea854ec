"""What support tickets are about: the words of the generator, and the numbers behind them.

`{a|b}` in a sentence is one of several wordings, drawn evenly whatever the issue is, so that which wording it
was tells nothing. No two sentences can be written alike: the sentence is always known from its text.
"""

from __future__ import annotations

from typing import NamedTuple


class Issue(NamedTuple):
    """One kind of ticket.

    `rate` is its weight among all; `apps` and `when` multiply it where the ticket comes from there or then;
    `weekend` multiplies it on Saturday and Sunday; `paying` for each step up of the plan. `wait_s` is the median
    wait in seconds, `refund` the usual refund in USD. `near` are issues people describe in the same words.
    `actions` are weights of what is done about it, in the order of ACTIONS.
    """

    name: str
    rate: float
    apps: dict[str, float]
    when: dict[str, float]
    weekend: float
    paying: float
    wait_s: float
    refund: float
    near: tuple[str, ...]
    tags: tuple[str, ...]
    actions: tuple[float, float, float, float, float]
    subjects: tuple[str, ...]
    sentences: tuple[str, ...]


APPS = {"shop": 30, "mobile": 22, "web": 18, "billing": 14, "api": 9, "kiosk": 7}
COUNTRIES = {"US": 30, "DE": 14, "GB": 12, "FR": 9, "IN": 9, "BR": 7, "ES": 6, "JP": 5, "PL": 4, "SE": 4}
PLANS = {"free": 38, "basic": 30, "pro": 22, "business": 10}
TIMES = ("night", "morning", "afternoon", "evening")
ACTIONS = ("answer", "refund", "replace", "escalate", "call_back")
TAGS = ("payment", "account", "delivery", "bug", "security", "data", "urgent", "repeat", "mobile", "feedback")

ISSUES = (
    Issue(
        "double_charge", 1.3, {"billing": 3.0, "shop": 1.5}, {"morning": 1.5}, 0.8, 1.1, 500, 28,
        ("refund_status", "card_declined"), ("payment", "urgent"), (1.0, 9.0, 0.2, 0.8, 1.0),
        ("Charged twice", "Double payment", "Two identical bookings"),
        (
            "I was {charged|billed|debited} twice for the same order",
            "There are two identical {payments|bookings} on my statement",
            "My bank {shows|lists} the amount two times",
            "The second payment was never {authorised|approved} by me",
            "Please look at the duplicate transaction from {this|last} week",
            "You took the money again although I had {already|long} paid",
        ),
    ),
    Issue(
        "refund_status", 1.2, {"billing": 2.0, "shop": 2.0}, {"afternoon": 1.5}, 0.7, 1.0, 900, 23,
        ("double_charge", "late_delivery"), ("payment", "repeat"), (3.0, 6.0, 0.3, 0.8, 1.6),
        ("Where is my refund", "Refund still missing", "Money not returned"),
        (
            "The refund you promised has not {arrived|come through}",
            "I returned the goods {ten days|two weeks} ago and got no money back",
            "How long does it take until the credit {appears|shows up}",
            "Your colleague {confirmed|told me} that the repayment was on its way",
            "I am still waiting for my money to be {returned|sent back}",
            "The credit note has a number but {nothing|no cent} reached my account",
        ),
    ),
    Issue(
        "invoice_copy", 0.9, {"billing": 3.0, "web": 1.3}, {"morning": 2.0}, 0.3, 1.5, 1500, 4,
        ("data_export", "plan_change"), ("payment", "data"), (9.0, 0.6, 0.3, 0.7, 0.7),
        ("Invoice needed", "Copy of the bill", "Wrong address on the invoice"),
        (
            "Our accounting department needs the invoice {as a PDF|on paper}",
            "The bill carries the {old|wrong} company address",
            "I cannot find the receipt for {March|last month}",
            "Please add our tax number to the {invoice|document}",
            "The auditor asks for copies of all {bills|receipts} of the year",
            "The invoice total {does not match|differs from} the quote",
        ),
    ),
    Issue(
        "card_declined", 1.0, {"billing": 2.0, "shop": 1.6, "kiosk": 2.0}, {"evening": 1.6}, 1.2, 0.9, 300, 9,
        ("double_charge", "login_problem"), ("payment", "mobile"), (7.0, 1.2, 0.3, 2.0, 1.5),
        ("Card refused", "Payment does not go through", "Cannot pay"),
        (
            "My credit card is {declined|refused} at the last step",
            "The payment page says the card number is {invalid|not accepted}",
            "I tried three cards and {none|not one} was taken",
            "The bank says that the rejection came from {you|your side}",
            "Paying by {debit card|wallet} fails with code 51",
            "The checkout hangs after the security code of the {card|bank}",
        ),
    ),
    Issue(
        "login_problem", 1.6, {"mobile": 1.6, "web": 1.6}, {"morning": 1.6, "night": 1.3}, 1.1, 0.9, 240, 3,
        ("two_factor", "app_crash"), ("account", "security"), (9.0, 0.2, 0.2, 2.0, 1.2),
        ("Cannot log in", "Password not accepted", "Locked out"),
        (
            "I cannot {log in|sign in} since yesterday",
            "The password reset mail never {arrives|reaches me}",
            "It says that my user name is {unknown|not registered}",
            "After five attempts my account is {locked|blocked}",
            "The new password is {rejected|refused} right after I set it",
            "I am thrown out of the session every {minute|few minutes}",
        ),
    ),
    Issue(
        "two_factor", 0.8, {"mobile": 1.8, "api": 1.5}, {"night": 2.0}, 1.0, 1.4, 420, 3,
        ("login_problem",), ("security", "account"), (5.0, 0.2, 0.2, 4.0, 2.0),
        ("Code does not arrive", "New phone, no codes", "Authenticator problem"),
        (
            "The six digit code is never {sent|texted} to my phone",
            "I changed my phone and lost the {authenticator|code generator}",
            "The backup codes are {used up|not accepted}",
            "The confirmation code expires before I can {type|enter} it",
            "Please remove the second factor from my {profile|user}",
            "My old number still receives the verification {messages|texts}",
        ),
    ),
    Issue(
        "account_closure", 0.8, {"web": 1.5, "mobile": 1.3}, {"evening": 1.8}, 1.3, 0.7, 1100, 12,
        ("plan_change", "data_export"), ("account", "feedback"), (5.0, 2.0, 0.1, 1.0, 4.0),
        ("Cancel my subscription", "Close the account", "Leaving"),
        (
            "I want to {cancel|end} my subscription",
            "Please delete my {profile|account} with everything in it",
            "I do not use the service any more and wish to {leave|stop}",
            "There is no button to {quit|unsubscribe} anywhere",
            "I have {found|chosen} another provider",
            "Stop the renewal that is due {next week|on Monday}",
        ),
    ),
    Issue(
        "plan_change", 0.9, {"web": 1.6, "billing": 1.4}, {"morning": 1.5}, 0.5, 1.3, 700, 8,
        ("account_closure", "invoice_copy"), ("account", "payment"), (6.0, 1.0, 0.1, 0.8, 4.0),
        ("Change of plan", "Upgrade question", "More seats"),
        (
            "We would like to {upgrade|move up} to the larger plan",
            "How many seats does the {next|bigger} tier include",
            "Can I {switch|go} from yearly to monthly payment",
            "The discount for {students|schools} is not applied",
            "We need {ten|a dozen} more licences for the new office",
            "I was moved to a tariff that I did not {order|choose}",
        ),
    ),
    Issue(
        "late_delivery", 1.6, {"shop": 3.0, "kiosk": 1.3}, {"afternoon": 1.6, "evening": 1.3}, 1.2, 0.9, 1300, 14,
        ("wrong_item", "refund_status"), ("delivery", "urgent"), (4.0, 2.0, 3.0, 1.0, 2.0),
        ("Parcel late", "Where is my order", "Delivery delayed"),
        (
            "The parcel should have been here {on Friday|days ago}",
            "The tracking page has not {moved|changed} for a week",
            "The courier claims that nobody was {home|there}",
            "My order is {stuck|held} at the depot",
            "It was a birthday present and now it is too {late|old}",
            "The delivery date was {postponed|put off} again",
        ),
    ),
    Issue(
        "damaged_item", 1.1, {"shop": 3.0}, {"afternoon": 1.4}, 1.4, 0.9, 1000, 20,
        ("wrong_item",), ("delivery", "repeat"), (1.0, 3.0, 8.0, 0.5, 0.7),
        ("Arrived broken", "Damaged goods", "Scratched and dented"),
        (
            "The box was {crushed|torn} when it came",
            "The glass is {cracked|broken} on one side",
            "There are deep scratches on the {cover|lid}",
            "It stopped working after {one|a single} day",
            "A leg is {bent|missing} and it cannot stand",
            "I attach photographs of the {damage|breakage}",
        ),
    ),
    Issue(
        "wrong_item", 0.9, {"shop": 2.6, "kiosk": 1.5}, {"evening": 1.4}, 1.2, 0.9, 950, 16,
        ("damaged_item", "late_delivery"), ("delivery", "feedback"), (1.0, 2.5, 8.0, 0.4, 0.8),
        ("Wrong article", "Not what I ordered", "Size does not fit"),
        (
            "I ordered the blue one and received the {red|green} one",
            "The article number on the label is not the one I {bought|ordered}",
            "You sent a size {too small|too large}",
            "Somebody else's goods were in {my|the} parcel",
            "Two pieces were {missing|not} in the package",
            "The model is last year's and not the {new|current} one",
        ),
    ),
    Issue(
        "app_crash", 1.3, {"mobile": 3.5, "kiosk": 2.0}, {"night": 1.5, "evening": 1.3}, 1.3, 1.0, 350, 5,
        ("slow_pages", "login_problem"), ("bug", "mobile"), (3.0, 0.2, 0.2, 9.0, 0.8),
        ("App crashes", "It closes by itself", "Error after the update"),
        (
            "The app {closes|quits} as soon as I open the menu",
            "Since the update it {crashes|stops} on start",
            "I only see a {white|black} screen",
            "An error with a long number {appears|pops up}",
            "Installing it again did not {help|change anything}",
            "It freezes when I rotate the {tablet|screen}",
        ),
    ),
    Issue(
        "slow_pages", 0.9, {"web": 2.6, "api": 2.4}, {"afternoon": 1.8}, 0.5, 1.3, 600, 5,
        ("app_crash", "data_export"), ("bug", "urgent"), (3.0, 0.3, 0.1, 8.0, 1.6),
        ("Very slow", "Timeouts", "Pages do not load"),
        (
            "Every page takes {half a minute|ages} to load",
            "Our calls end in a {timeout|gateway error}",
            "The search has been {slow|sluggish} since noon",
            "The response time went from 200 ms to {five|eight} seconds",
            "Pictures are only {half|partly} loaded",
            "At peak hours nothing {responds|answers} at all",
        ),
    ),
    Issue(
        "data_export", 0.7, {"api": 3.5, "web": 1.5}, {"morning": 1.5}, 0.4, 1.6, 1600, 3,
        ("invoice_copy", "slow_pages"), ("data", "bug"), (6.0, 0.1, 0.1, 4.0, 1.4),
        ("Export fails", "Download of our data", "Question on the report"),
        (
            "The export of our {records|customers} ends half way",
            "The CSV file has {broken|mixed up} columns",
            "Which endpoint returns the {history|archive} of an object",
            "We need all our data before the {migration|audit}",
            "The nightly report was {empty|cut off} today",
            "Accents are {garbled|lost} in the spreadsheet",
        ),
    ),
)  # fmt: skip

VAGUE_SUBJECTS = ("Question", "Help please", "A problem", "Urgent request", "Following up", "Not satisfied")
VAGUE_SENTENCES = (
    "Something is not {right|in order} here",
    "I do not know what to {do|try} next",
    "It worked {well|without trouble} until now",
    "This is the {second|third} time that I write",
    "Nobody on the phone could {help|tell me more}",
    "I have been a customer for {years|a long time}",
    "My neighbour has the same {trouble|problem}",
    "I looked through the help pages and found {nothing|no answer}",
)
ASKS = (
    ("Please explain what I have to do", "Send me {instructions|the steps}", "A short answer will do"),
    ("I want my money back", "Please {refund|reimburse} me", "I expect a credit to my card"),
    ("Please send a {new|fresh} one", "I would like an exchange", "Can you replace it"),
    ("Please pass this to a {technician|developer}", "An engineer should look at it", "Raise this with the experts"),
    ("Please {call|ring} me", "My number is in my profile, I prefer the phone", "When can we talk"),
)  # fmt: skip
"""What people ask for: sentences that lean towards the action of the same place in ACTIONS."""

GREETINGS = ("Hello", "Hi", "Dear team", "Good morning", "Hi there", "To whom it may concern")
CLOSINGS = ("Thanks", "Kind regards", "Best wishes", "Thank you in advance", "Cheers", "Regards")
FILLERS = (
    "I hope you are {well|having a good day}",
    "Sorry for the {long|short} message",
    "I wrote this on my way to {work|the office}",
    "My English is not {perfect|the best}",
    "The weather is {awful|lovely} here by the way",
    "I am usually {happy|content} with you",
)
