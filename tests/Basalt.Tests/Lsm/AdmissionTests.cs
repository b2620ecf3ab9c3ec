using Basalt.Lsm.Compaction;
using LsmAdmission = Basalt.Lsm.Compaction.Admission;

namespace Basalt.Tests.Lsm;

/// <summary>Who waits for room, and who ends the wait, with a store of which only the bytes on their way count.</summary>
public sealed class AdmissionTests
{
    private const int Most = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly LsmAdmission _admission = new(
        static underway => new Strain(underway >= Most ? 1 : 0, "others are on their way", 1, Failure: null), static (_, _) => { }, TimeProvider.System);

    [Fact]
    public async Task Who_waits_for_the_room_of_another_goes_on_when_that_one_has_left_though_nothing_else_happens()
    {
        _admission.Enter(Most, CancellationToken.None);
        using var patience = new CancellationTokenSource(Patience);
        var waiter = Task.Run(() => _admission.Enter(1, patience.Token), patience.Token);
        Assert.True(SpinWait.SpinUntil(() => _admission.Waiting == 1, Patience));
        _admission.Leave(Most);
        // Cancelled, it would throw.
        await waiter;
        Assert.Equal(0, _admission.Waiting);
    }

    [Fact]
    public async Task Many_who_wait_for_each_other_all_go_on()
    {
        const int writers = 8;
        const int rounds = 2000;
        using var patience = new CancellationTokenSource(Patience);
        var crew = Enumerable.Range(0, writers).Select(_ => Task.Run(
            () =>
            {
                for (var round = 0; round < rounds; round++)
                {
                    _admission.Enter(Most, patience.Token);
                    _admission.Leave(Most);
                }
            },
            patience.Token)).ToArray();
        await Task.WhenAll(crew);
        Assert.Equal(0, _admission.Waiting);
    }
}
