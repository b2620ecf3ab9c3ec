using Basalt.Vectors;
using Basalt.Vectors.Search;

namespace Basalt.Tests.Vectors.Search;

public sealed class NearestHeapTests
{
    [Fact]
    public void It_keeps_what_a_sort_would_put_first()
    {
        var random = new Random(11);
        for (var round = 0; round < 500; round++)
        {
            // Few different scores, so that ties are everywhere.
            var offered = Enumerable.Range(0, random.Next(60)).Select(i => new Neighbour(i, random.Next(12))).ToArray();
            random.Shuffle(offered);
            var room = new Neighbour[random.Next(20)];
            var heap = new NearestHeap(room);
            for (var i = 0; i < offered.Length; i++)
            {
                heap.Offer(offered[i].Ordinal, offered[i].Distance);
                var worst = room.Length == 0 ? float.NegativeInfinity : i + 1 < room.Length ? float.PositiveInfinity : offered[..(i + 1)].Order().ElementAt(room.Length - 1).Distance;
                Assert.Equal(worst, heap.Worst);
            }

            var count = heap.Sort();
            Assert.Equal(offered.Order().Take(room.Length), room[..count]);
        }
    }
}
