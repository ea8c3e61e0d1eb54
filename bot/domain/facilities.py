"""The rooms and things that a Women's Home may have: their names inside, and in Chinese."""

FACILITIES = {
    "library": "图书室",
    "activity_room": "活动室",
    "nursing_room": "母婴室",
    "mediation_room": "调解室",
    "counselling_room": "心理咨询室",
    "fitness": "健身",
    "childcare": "托管",
    "training_room": "培训教室",
    "dance_room": "舞蹈室",
    "computer_room": "电脑室",
    "accessible": "无障碍",
    "parking": "停车",
}
KINDS = {"womens_home": "妇女之家", "legal": "法律服务", "psychological": "心理服务"}
BY_CHINESE = {words: name for name, words in (FACILITIES | KINDS).items()}
