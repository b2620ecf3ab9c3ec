using Basalt.Lsm;
using Basalt.Lsm.IO;

namespace Basalt.Durability.Tests.Lsm;

/// <summary>One history under many options gives one answer at every step: the model's.</summary>
public sealed class MetamorphicTests : IDisposable
{
    private const int Seeds = 2;
    private const int Steps = 900;
    private readonly string _folder = Directory.CreateTempSubdirectory("basalt-lsm-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string> Sets => new(OptionSets.Names);

    [Theory]
    [MemberData(nameof(Sets))]
    public void A_history_answers_like_the_model_under_every_option_set(string set)
    {
        foreach (var seed in Enumerable.Range(History.FirstSeed, Seeds))
        {
            var disk = new MemoryFileSystem();
            Compare(seed, set, _ => OptionSets.Of(set, "s", disk));
        }
    }

    [Fact]
    public void A_history_whose_options_change_at_every_opening_answers_like_the_model()
    {
        foreach (var seed in Enumerable.Range(History.FirstSeed, Seeds * 2))
        {
            var disk = new MemoryFileSystem();
            var family = OptionSets.Family(seed);
            Compare(seed, "changing", pick => OptionSets.Of(family[pick % family.Count], "s", disk));
        }
    }

    [Fact]
    public void A_history_on_a_real_disk_answers_like_the_model() =>
        Compare(History.FirstSeed, "real disk", _ => OptionSets.Of("not synced, compressed, encrypted", Path.Combine(_folder, "s"), LocalFileSystem.Instance));

    private static void Compare(int seed, string set, Func<int, LsmOptions> optionsOf)
    {
        var clock = new StepClock();
        using (var store = new SteppedStore(clock, optionsOf))
        {
            var model = new SteppedModel(clock);
            var (number, asked) = (0, 0);
            // At last everything is asked once more, of the store that is there and of the one that is opened again.
            var ends = Enumerable.Range(0, Step.Trees).Select(static tree => new Step(StepKind.Scan, tree, []));
            foreach (var step in (Step[])[.. Step.History(seed, Steps), .. ends, new(StepKind.CompactAll), new(StepKind.Verify), .. ends, new(StepKind.Reopen), .. ends])
            {
                try
                {
                    var expected = model.Do(step);
                    Assert.Equal(expected, store.Do(step));
                    if (step.Kind == StepKind.Wait) clock.Advance(step.Pick);
                    if (expected.Length > 0) asked++;
                }
                catch (Exception e)
                {
                    throw new InvalidOperationException($"BASALT_SEED={seed}, options '{set}', step {number}: {step.Kind}", e);
                }

                number++;
            }

            Assert.True(asked > Steps / 10, $"only {asked} steps had an answer");
        }
    }
}
