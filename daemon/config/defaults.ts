/** The race file that a new user starts from. A test keeps it valid. */
export const starterRaceFile = `# A race: many small byte-level language models, trained on one text and compared as they train.
# Run it with: igla race race.igla.toml
# "cites: NAME" names the invariant of assertions/igla_assertions.json, the theorem or the paper behind a number.
# A key that is left out has the value shown here, except in [race], [levers] and [space].

[data]
corpus = "tinyshakespeare"    # a name from the catalogue, or a path relative to this file
split = "three-way"           # train 85 %, validation 5 %, test 10 %; or "nanogpt": 90 % and 10 %
protocol = "chunked"          # or "strided:S": the last S bytes of sliding windows; slower, more context per byte

[model]
layers = 2
width = 64                    # heads must divide it, leaving an even number of dimensions each
heads = 2
context = 64                  # bytes that the model sees
mlp_mult = 4

[optimizer]
name = "adamw"                # or "muon"
lr = 0.003                    # cites: INV-8
weight_decay = 0.1
batch = 16                    # sequences per step

[schedule]
kind = "cosine"               # or "wsd", "flat"; as long as the ladder's last rung
warmup = 50

# Levers: techniques to switch on. The section alone switches the lever on; without it the lever is off.
[levers.qk-norm]

[race]
seed = 43                     # the same file and seed give the same race, number for number
max_trials = 27
sampler = "random"            # or "grid"
# At each rung the trials are ranked by validation bits per byte, and the best third goes on to the next one.
rungs = [
  { steps = 100, keep = "1/3" },    # cites: ASHA-1
  { steps = 300, keep = "1/3" },    # cites: ASHA-1
  { steps = 900 },
]
lanes = "auto"                # trials of equal shapes that train together
report_every_steps = 20
checkpoint_every_sec = 30

# What varies between the trials.
[space."optimizer.lr"]
log = [0.002, 0.007]          # cites: INV-8

[space."optimizer.weight_decay"]
uniform = [0.0, 0.3]

[space."schedule.warmup"]
int = [20, 80]

[space."levers.softcap"]
choice = [false, { cap = 15 }, { cap = 30 }]
`;
