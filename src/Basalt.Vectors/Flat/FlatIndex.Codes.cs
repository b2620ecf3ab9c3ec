using Basalt.Vectors.Memory;
using Basalt.Vectors.Search;

namespace Basalt.Vectors.Flat;

public sealed unsafe partial class FlatIndex
{
    private const int CandidatesAResult = 4;

    /// <summary>Finds candidates by code and measures them again. The query is encoded as the full vectors take it.</summary>
    private int SearchCodes(byte* query, Span<Neighbour> results, in SearchOptions options, SearchScratch scratch, out SearchStatistics statistics)
    {
        // The rows before the codes: a vector that is seen has its code.
        var rows = Rows;
        var wanted = Math.Max(results.Length, options.Rescore > 0 ? options.Rescore : (long)CandidatesAResult * results.Length);
        var candidates = new NearestHeap(scratch.Candidates((int)Math.Min(wanted, rows.Count)));
        var codeQuery = scratch.CodeQuery.Take(_quantiser!.QueryStride);
        _quantiser.EncodeQuery(new ReadOnlySpan<float>(query, Dimension), codeQuery);
        var blocks = new Blocks(this, options, scratch, _codeScorer!, new VectorRows(Codes.Start, rows.Count, Dimension, ElementType.Int8));
        blocks.OfferTo(ref candidates, codeQuery, (float*)scratch.Scores.Take(SearchScratch.BlockRows * sizeof(float)));
        statistics = blocks.Statistics + new SearchStatistics(0, candidates.Count, candidates.Count);
        var count = Rescore(query, rows, candidates.Items, results, scratch);
        ToDistances(results[..count]);
        return count;
    }

    private int Rescore(byte* query, VectorRows rows, ReadOnlySpan<Neighbour> candidates, Span<Neighbour> results, SearchScratch scratch)
    {
        var nearest = new NearestHeap(results);
        var scores = (float*)scratch.Scores.Take(SearchScratch.BlockRows * sizeof(float));
        fixed (int* ordinals = scratch.Ordinals)
        {
            for (var at = 0; at < candidates.Length; at += SearchScratch.BlockRows)
            {
                var size = Math.Min(SearchScratch.BlockRows, candidates.Length - at);
                for (var i = 0; i < size; i++) ordinals[i] = candidates[at + i].Ordinal;
                _scorer.ScoreListed(query, rows, ordinals, size, scores);
                for (var i = 0; i < size; i++) nearest.Offer(ordinals[i], scores[i]);
            }
        }

        return nearest.Sort();
    }
}
